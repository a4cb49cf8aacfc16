import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { claimGateway, type GatewayRecord, readRunningGateway } from '../../src/gateway/gateway-file.ts';

const record = (pid: number): GatewayRecord => ({
  pid,
  url: 'http://127.0.0.1:4321',
  managementSocket: '/home/me/.moltbot/management.sock',
  host: 'box',
  user: 'ann',
  startedAtMs: 1_000,
  version: '0.1.0',
  environmentNames: ['XAI_API_KEY'],
});

let dir: string;
let paths: { gatewayFile: string; gatewayLockFile: string };
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'moltbot-gateway-file-'));
  paths = { gatewayFile: join(dir, 'gateway.json'), gatewayLockFile: join(dir, 'gateway.lock') };
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** A second process that claims the directory, announces itself and waits to be killed. */
async function otherGateway() {
  const script = `
    import { claimGateway } from ${JSON.stringify(join(import.meta.dirname, '../../src/gateway/gateway-file.ts'))};
    const claim = claimGateway(${JSON.stringify(paths)});
    claim.announce({ ...${JSON.stringify(record(0))}, pid: process.pid });
    console.log('ready');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout!, 'data');
  return child;
}

describe('the gateway file', () => {
  it('says nothing and leaves nothing behind when no gateway ever ran', () => {
    expect(readRunningGateway(paths)).toBeUndefined();
    expect(readdirSync(dir)).toEqual([]);
  });

  it('names a gateway of another process, refuses a second one, and forgets it after kill -9', async () => {
    const child = await otherGateway();
    try {
      expect(readRunningGateway(paths)).toEqual(record(child.pid!));
      expect(() => claimGateway(paths)).toThrow(
        expect.objectContaining({
          code: 'GATEWAY_RUNNING',
          exitCode: 69,
          message: `A gateway already runs for this state directory at http://127.0.0.1:4321 (pid ${child.pid}, ann@box).`,
        }),
      );
      expect(readRunningGateway(paths)?.pid).toBe(child.pid);
    } finally {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    expect(existsSync(paths.gatewayFile)).toBe(true);
    expect(readRunningGateway(paths)).toBeUndefined();
    expect(existsSync(paths.gatewayFile)).toBe(true);
    claimGateway(paths).release();
  });

  it('keeps its files private, also under a loose umask', () => {
    const before = process.umask(0);
    try {
      const claim = claimGateway(paths);
      claim.announce(record(1));
      expect(readdirSync(dir).map((name) => [name, statSync(join(dir, name)).mode & 0o777])).toEqual([
        ['gateway.json', 0o600],
        ['gateway.lock', 0o600],
      ]);
      claim.release();
    } finally {
      process.umask(before);
    }
    expect(readRunningGateway(paths)).toBeUndefined();
    expect(readdirSync(dir)).toEqual(['gateway.lock']);
  });
});

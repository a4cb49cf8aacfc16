import { mkdtempSync, openSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openGatewayLog } from '../../../src/cli/gateway-process/gateway-log.ts';
import { LogFile } from '../../../src/cli/gateway-process/log-file.ts';
import { Secret } from '../../../src/core/secret.ts';

let dir: string;
let file: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'moltbot-log-'));
  file = join(dir, 'gateway.log');
});
afterEach(() => rmSync(dir, { recursive: true }));

const linesOf = () =>
  readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

describe("the gateway's log", () => {
  it('is private, in order, and prints no secret', async () => {
    const log = openGatewayLog(file, 'info');
    log.logger.info({ key: new Secret('sk-ant-sim-canary') }, 'one');
    log.logger.debug('not at this level');
    log.logger.info('two');
    await sleep(400);
    expect(linesOf()).toMatchObject([{ key: '[secret]', msg: 'one' }, { msg: 'two' }]);
    log.logger.info('three');
    log.close();
    expect(linesOf().map(({ msg }) => msg)).toEqual(['one', 'two', 'three']);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('is not written through a link that somebody planted', () => {
    writeFileSync(join(dir, 'victim'), '');
    symlinkSync(join(dir, 'victim'), file);
    expect(() => openGatewayLog(file, 'info')).toThrow(expect.objectContaining({ code: 'NOT_PERMITTED' }));
  });

  it.runIf(process.platform === 'linux')('has a gap when the disk is full, and ends nothing', async () => {
    const log = new LogFile(openSync('/dev/full', 'w'));
    for (let line = 0; line < 1_000; line++) log.write('a line that goes nowhere\n');
    await sleep(300);
    log.write('still here\n');
    expect(() => log.close()).not.toThrow();
  });
});

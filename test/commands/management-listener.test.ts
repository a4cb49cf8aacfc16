import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CliHome, cliHome, outputUntil, runCli, startCli } from '../fakes/cli.ts';

let home: CliHome;
beforeEach(() => {
  home = cliHome();
});
afterEach(() => home.remove());

const configure = (http: string) => runCli(home, ['config', 'set', 'management.http', http]);
const run = async () => {
  const { code, stdout } = await runCli(home, ['gateway', 'run', '--port', '0', '--json']);
  return { code, ...JSON.parse(stdout) };
};

describe('a gateway whose management API cannot listen as wanted', () => {
  it('does not start beyond this machine without hosts and protection of its own', async () => {
    await configure("{ host: '0.0.0.0', port: 0 }");
    expect(await run()).toMatchObject({
      code: 78,
      error: {
        code: 'CONFIG_INVALID',
        message:
          'The gateway does not listen on 0.0.0.0, beyond this machine, without management.http.allowedHosts and gateway.tls or gateway.trustedOverlay.',
      },
    });
  });

  it('does not start where its port is taken, names the key of the config, and leaves nothing behind', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    await configure(`{ port: ${port} }`);
    expect(await run()).toMatchObject({
      code: 69,
      error: {
        code: 'PORT_TAKEN',
        message: `Port ${port} on 127.0.0.1 is taken.`,
        hint: expect.stringMatching(/^Take another port: moltbot config set management\.http\.port \d+$/),
      },
    });
    expect(existsSync(`${home.stateDir}/management.sock`)).toBe(false);
    expect(existsSync(`${home.stateDir}/gateway.json`)).toBe(false);
    other.close();
  });

  it('takes the place of the socket of a gateway that was killed', async () => {
    const killed = startCli(home, ['gateway', 'run', '--port', '0', '--json']);
    await outputUntil(killed, /^}/m);
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    expect(existsSync(`${home.stateDir}/management.sock`)).toBe(true);
    const next = startCli(home, ['gateway', 'run', '--port', '0', '--json']);
    await outputUntil(next, /^}/m);
    const { stdout } = await runCli(home, ['gateway', 'status']);
    expect(stdout).toMatch(new RegExp(`^Management API: ${home.stateDir}/management\\.sock\\.$`, 'm'));
    next.kill('SIGTERM');
    await once(next, 'exit');
    expect(existsSync(`${home.stateDir}/management.sock`)).toBe(false);
  });
});

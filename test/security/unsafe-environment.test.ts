import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { type CliHome, cliHome, runCli } from '../fakes/cli.ts';
import { selfSigned } from './self-signed.ts';

let home: CliHome;
beforeAll(() => {
  home = cliHome();
});
afterAll(() => home.remove());

describe('the gateway refuses to start', () => {
  const keylog = () => join(home.directory, 'keylog');
  it.each([
    ['without checking certificates', () => ({ NODE_TLS_REJECT_UNAUTHORIZED: '0' })],
    ['with the lenient HTTP parser', () => ({ NODE_OPTIONS: '--insecure-http-parser' })],
    [
      'with the lenient HTTP parser, written otherwise',
      () => ({ NODE_OPTIONS: '--no-warnings  --insecure_http_parser' }),
    ],
    ['with the lenient HTTP parser, in quotes', () => ({ NODE_OPTIONS: '--insecure-http"-parser"' })],
    ['while HTTP is printed', () => ({ NODE_DEBUG: 'http' })],
    ['while TLS is printed', () => ({ NODE_DEBUG: 'fs,TLS' })],
    ['while connections are printed', () => ({ NODE_DEBUG: 'n*' })],
    ['while everything is printed', () => ({ NODE_DEBUG: '*' })],
    ['while undici is printed', () => ({ NODE_DEBUG: 'undici' })],
    ['with a TLS key log', () => ({ SSLKEYLOGFILE: keylog() })],
    ['with a TLS key log of Node’s own', () => ({ NODE_OPTIONS: `--tls-keylog=${keylog()}` })],
    ['with a TLS trace', () => ({ NODE_OPTIONS: '--trace-tls' })],
    ['with a debugger’s port', () => ({ NODE_OPTIONS: '--inspect=127.0.0.1:0' })],
  ])('%s', async (_, env) => {
    const { code, stdout } = await runCli(home, ['gateway', 'run', '--port', '0', '--json'], { env: env() });
    expect([code, (JSON.parse(stdout) as { error: { code: string } }).error.code]).toEqual([78, 'UNSAFE_ENVIRONMENT']);
  });

  it.each(['0.0.0.0', '::', '192.0.2.1', 'example.com', '127.0.0.1.example.com', '0'])(
    'on %s without being told who may call',
    async (host) => {
      const { code, stdout } = await runCli(home, ['gateway', 'run', '--host', host, '--port', '0', '--json']);
      expect([code, (JSON.parse(stdout) as { error: { code: string } }).error.code]).toEqual([78, 'CONFIG_INVALID']);
    },
  );
});

describe('a command that sends a key', () => {
  it('checks the certificate, also where the environment says not to', async () => {
    let requests = 0;
    const server = createServer(selfSigned(), (_, response) => {
      requests += 1;
      response.end('{}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const simulator = await startSimulator();
    const key = simulator.issueKey('anthropic', 'first');
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const args = [
      'models',
      'auth',
      'paste-api-key',
      '--provider',
      'anthropic',
      '--vault',
      'file',
      '--base-url',
      url,
      '--json',
    ];
    const { code, stdout } = await runCli(home, args, { input: key, env: { NODE_TLS_REJECT_UNAUTHORIZED: '0' } });
    server.close();
    await simulator.close();
    expect([code, (JSON.parse(stdout) as { error: { code: string } }).error.code, requests]).toEqual([
      69,
      'PROVIDER_UNREACHABLE',
      0,
    ]);
  });
});

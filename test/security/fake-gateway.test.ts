import { writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findCanary } from '../fakes/canary.ts';
import { runCli } from '../fakes/cli.ts';
import { type CliSetup, providersAt, setUpCli, writeConfig } from './cli-gateway.ts';

let setup: CliSetup;
let server: Server;
let received: string;
let port: number;
beforeEach(async () => {
  received = '';
  // Answers everything as a gateway might, so that a trusting caller would go on.
  server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      received += bytes.toString('latin1');
      socket.end('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 15\r\n\r\n{"status":"ok"}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
  setup = await setUpCli();
  const { home, simulator } = setup;
  writeConfig(home, { vault: { kind: 'file' }, gateway: { port }, models: { providers: providersAt(simulator) } });
});
afterEach(async () => {
  server.close();
  await setup[Symbol.asyncDispose]();
});

/** What a program started by `run` would be told: nothing may lead to the fake. */
const SHOW_ENVIRONMENT = ['run', '--', process.execPath, '-e', 'console.log(JSON.stringify(process.env))'];

// biome-ignore format: one command a line reads better
const COMMANDS: readonly (readonly string[])[] = [
  ['get', 'anthropic', '--json'], ['env'], ['active'], ['models', 'status'], ['models', 'status', '--probe'], ['gateway', 'status'],
  ['backend', 'status', 'anthropic'], ['backend', 'list'], ['models', 'auth', 'list'], ['models', 'auth', 'test', 'anthropic:default'],
  ['revoke', '--all'], ['agents', 'list'], ['gateway', 'stop'], ['gateway', 'start'], SHOW_ENVIRONMENT,
];

function writeFakeRecord(): void {
  const url = `http://127.0.0.1:${port}`;
  const record = {
    pid: process.pid,
    url,
    host: 'here',
    user: 'me',
    startedAtMs: 0,
    version: '0.1.0',
    environmentNames: [],
  };
  writeFileSync(join(setup.home.stateDir, 'gateway.json'), JSON.stringify(record), { mode: 0o600 });
}

it.each([
  ['on our port', () => undefined],
  ['on our port, with a file that says it is the gateway', writeFakeRecord],
])('a fake server %s gets no key and no token from any command', async (_, prepare) => {
  const printed: string[] = [];
  for (const command of COMMANDS) {
    prepare();
    const { stdout, stderr } = await runCli(setup.home, command);
    printed.push(stdout + stderr);
  }
  expect(received).not.toMatch(/mb[ampst]_|authorization|x-api-key|cookie/i);
  expect(findCanary(setup.key, { texts: { received, printed: printed.join('\n') } })).toEqual([]);
  const run = printed.at(-1)!;
  expect([run.includes('mbt_'), run.includes(`127.0.0.1:${port}`) && run.includes('ANTHROPIC_BASE_URL')]).toEqual([
    false,
    false,
  ]);
});

import { once } from 'node:events';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findCanary } from '../fakes/canary.ts';
import { type CliHome, type CliResult, cliHome, runCli } from '../fakes/cli.ts';
import { hasTmux, openTerminal } from '../fakes/terminal.ts';
import { type CliSetup, providersAt, setUpCli, writeConfig } from '../security/cli-gateway.ts';
import { selfSigned } from '../security/self-signed.ts';

const isMandatory = process.env.CI === 'true';
if (!hasTmux() && !isMandatory) console.warn('SKIPPED: enrolling at a terminal. It needs tmux: apt-get install tmux');

interface Pending {
  readonly name: string;
  readonly code: string;
}

let setup: CliSetup;
let host: CliHome;
let guest: CliHome;
let url: string;
let fingerprint: string;

beforeAll(async () => {
  setup = await setUpCli();
  host = setup.home;
  const { cert, key } = selfSigned();
  const [certFile, keyFile] = [join(host.directory, 'cert.pem'), join(host.directory, 'key.pem')];
  writeFileSync(certFile, cert);
  writeFileSync(keyFile, key, { mode: 0o600 });
  const models = { providers: providersAt(setup.simulator) };
  writeConfig(host, { vault: { kind: 'file' }, gateway: { port: 0, tls: { certFile, keyFile } }, models });
  await onHost('gateway', 'start');
  url = (await json(host, 'gateway', 'status')).url as string;
  fingerprint = /sha256:\w+/.exec((await onHost('agents', 'pending')).stderr)![0];
});
afterAll(() => setup[Symbol.asyncDispose]());
beforeEach(() => {
  guest = cliHome();
});
afterEach(() => guest.remove());

const onHost = (...args: string[]) => runCli(host, args);
const onGuest = (...args: string[]) => runCli(guest, args);
const parsed = ({ code, stdout }: CliResult): Record<string, unknown> => ({ code, ...JSON.parse(stdout) });
const json = async (home: CliHome, ...args: string[]) => parsed(await runCli(home, [...args, '--json']));
const ask = (name: string, ...more: string[]) => [
  ...['enroll', '--server', url, '--name', name, '--can', 'anthropic', '--fingerprint', fingerprint],
  ...more,
];

async function pendingOf(name: string): Promise<Pending> {
  for (;;) {
    const { items } = (await json(host, 'agents', 'pending')) as unknown as { items: Pending[] };
    const found = items.find((item) => item.name === name);
    if (found) return found;
    await sleep(100);
  }
}

/** An agent that is let in, its key in the guest's vault or in the file. */
async function letIn(name: string, env: Record<string, string> = {}): Promise<CliResult> {
  await runCli(guest, ask(name, '--no-wait'), { env });
  const { code } = await pendingOf(name);
  await onHost('agents', 'approve', name, '--code', code);
  return runCli(guest, ['enroll', '--server', url, '--name', name, '--json'], { env });
}

describe('enroll', () => {
  it('asks without waiting, and fetches the decision when it is run again', async () => {
    const asked = await json(guest, ...ask('night-builder', '--no-wait', '--reason', 'nightly'));
    expect(asked).toEqual({
      code: expect.stringMatching(/^[A-Z]{4}-[A-Z]{4}$/),
      agentId: 'night-builder',
      server: url,
      fingerprint,
      state: 'pending',
      providers: ['anthropic'],
      keyIn: 'the vault',
    });
    const early = await json(guest, 'get', 'anthropic', '--agent', 'night-builder');
    expect([early.code, early.error]).toEqual([1, expect.objectContaining({ code: 'ENROLLMENT_NOT_FOUND' })]);
    const late = await json(guest, 'enroll', '--server', url, '--name', 'night-builder', '--timeout', '1s');
    expect([late.code, late.error]).toEqual([69, expect.objectContaining({ code: 'REQUEST_TIMEOUT' })]);
    expect((await onHost('agents', 'approve', 'night-builder', '--code', String(asked.code))).code).toBe(0);
    const fetched = await json(guest, 'enroll', '--server', url, '--name', 'night-builder');
    expect(fetched).toEqual({ ...asked, state: 'approved' });
    const got = await json(guest, 'get', 'anthropic', '--agent', 'night-builder', '--ttl', '30m');
    expect(got).toEqual({
      code: 0,
      token: expect.stringMatching(/^mbt_/),
      accessor: expect.stringMatching(/^acc_/),
      agentId: 'night-builder',
      providers: ['anthropic'],
      expiresAt: expect.any(Number),
      baseUrl: `${url}/v1/proxy/anthropic`,
    });
  });

  it('ends with what a person decided: denied, and nothing is left here', async () => {
    const asking = runCli(guest, [...ask('unwanted'), '--json']);
    await pendingOf('unwanted');
    expect((await json(host, 'agents', 'deny', 'unwanted')).denied).toBe(true);
    const denied = parsed(await asking);
    expect([denied.code, denied.error]).toEqual([1, expect.objectContaining({ code: 'ENROLLMENT_DENIED' })]);
    expect((await json(guest, 'get', 'anthropic', '--agent', 'unwanted')).error).toMatchObject({
      code: 'AGENT_NOT_FOUND',
    });
  });

  it('keeps the key in MOLTBOT_AGENT_KEY_FILE where that is set, 0600, and nowhere else', async () => {
    const keyFile = join(guest.directory, 'agent.key');
    const enrolled = await letIn('container', { MOLTBOT_AGENT_KEY_FILE: keyFile });
    expect(enrolled.code).toBe(0);
    const key = readFileSync(keyFile, 'utf8').trim();
    expect([key, statSync(keyFile).mode & 0o777]).toEqual([expect.stringMatching(/^mba_\w{49}$/), 0o600]);
    const env = { MOLTBOT_AGENT_KEY_FILE: keyFile };
    const got = await runCli(guest, ['get', 'anthropic', '--agent', 'container'], { env });
    expect(got.stdout).toMatch(/^mbt_\w{49}\n$/);
    expect(existsSync(join(guest.stateDir, 'vault.age'))).toBe(false);
    const taken = await runCli(guest, ask('second-one', '--json'), { env });
    expect(parsed(taken).error).toMatchObject({ code: 'ALREADY_EXISTS' });
    expect(readFileSync(keyFile, 'utf8').trim()).toBe(key);
    const texts = { enrolled: enrolled.stdout + enrolled.stderr, got: got.stdout + got.stderr };
    expect(findCanary(key, { directories: [host.directory, guest.stateDir], texts })).toEqual([]);
  });

  it('lets programs and shells here use the gateway there, and trust its certificate', async () => {
    await letIn('shell-user');
    expect((await onHost('models', 'auth', 'grant', 'anthropic:default', '--to', 'shell-user')).code).toBe(0);
    const program = `
      const { ANTHROPIC_BASE_URL: url, ANTHROPIC_AUTH_TOKEN: token } = process.env;
      fetch(url + '/v1/models', { headers: { authorization: 'Bearer ' + token, 'anthropic-version': '2023-06-01' } })
        .then((answer) => console.log(answer.status, url));`;
    const ran = await onGuest('run', '--agent', 'shell-user', '--usd', '2', '--', process.execPath, '-e', program);
    expect([ran.code, ran.stdout]).toEqual([0, `200 ${url}/v1/proxy/anthropic\n`]);
    const { variables } = (await json(guest, 'env', '--agent', 'shell-user', '--requests', '3')) as {
      variables: Record<string, string>;
    };
    expect(variables).toMatchObject({
      ANTHROPIC_BASE_URL: `${url}/v1/proxy/anthropic`,
      OPENAI_BASE_URL: `${url}/v1/proxy/openai/v1`,
      NODE_EXTRA_CA_CERTS: join(guest.stateDir, 'enrolled', 'shell-user.pem'),
    });
    const { items } = (await json(host, 'active', '--agent', 'shell-user')) as unknown as {
      items: { label: string; policy: object }[];
    };
    expect(items.map(({ label, policy }) => [label, policy])).toEqual([
      ['env', { budget: { requests: 3, enforcement: 'soft' } }],
    ]);
  });

  it('takes over a key that was made on the gateway host, for a new agent and in the place of an old key', async () => {
    await onHost('agents', 'add', 'adopted');
    const first = (await onHost('agents', 'rotate-key', 'adopted')).stdout;
    const adopt = ['enroll', '--server', url, '--name', 'adopted', '--agent-key-stdin', '--json'];
    const made = parsed(await runCli(guest, [...adopt, '--fingerprint', fingerprint], { input: first }));
    expect(made).toMatchObject({ code: null, agentId: 'adopted', state: 'approved', fingerprint, providers: [] });
    const second = (await onHost('agents', 'rotate-key', 'adopted', '--grace', '0')).stdout;
    expect((await json(guest, 'get', 'anthropic', '--agent', 'adopted')).error).toMatchObject({
      code: 'AGENT_KEY_REJECTED',
    });
    expect((await runCli(guest, adopt, { input: second })).code).toBe(0);
    expect((await onGuest('get', 'anthropic', '--agent', 'adopted')).stdout).toMatch(/^mbt_/);
    await onHost('agents', 'add', 'somebody');
    const others = (await onHost('agents', 'rotate-key', 'somebody')).stdout;
    for (const [input, code] of [
      ['mba_short', 'WRONG_CREDENTIAL_KIND'],
      [first, 'AGENT_KEY_REJECTED'],
      [others, 'AGENT_KEY_REJECTED'],
    ] as const) {
      expect(parsed(await runCli(guest, adopt, { input })).error).toMatchObject({ code });
    }
    expect((await onGuest('get', 'anthropic', '--agent', 'adopted')).stdout).toMatch(/^mbt_/);
  });

  it.each([
    [['--server', 'ftp://x', '--name', 'a', '--can', 'anthropic'], 64, 'USAGE'],
    [['--server', 'http://gateway.example:8400', '--name', 'a', '--can', 'anthropic', '--plain-http'], 64, 'USAGE'],
    [['--server', 'http://10.0.0.5:8400', '--name', 'a', '--can', 'anthropic'], 64, 'USAGE'],
    [['--server', 'http://8.8.8.8:8400', '--name', 'a', '--can', 'anthropic', '--plain-http'], 64, 'USAGE'],
    [['--server', 'http://127.0.0.1:9', '--name', 'a'], 64, 'USAGE'],
    [['--server', 'http://127.0.0.1:9', '--name', 'A', '--can', 'anthropic'], 64, 'USAGE'],
    [['--server', 'http://127.0.0.1:9', '--name', 'main', '--can', 'anthropic'], 64, 'ALREADY_EXISTS'],
    [['--server', 'http://127.0.0.1:9', '--name', 'a', '--can', 'anthropic'], 69, 'GATEWAY_NOT_RUNNING'],
    [['--server', 'https://127.0.0.1:9', '--name', 'a', '--can', 'anthropic', '--fingerprint', 'x'], 64, 'USAGE'],
  ])('refuses %j', async (args, code, error) => {
    await onGuest('agents', 'add', 'other');
    const refused = await json(guest, 'enroll', ...args);
    expect([refused.code, refused.error]).toEqual([code, expect.objectContaining({ code: error })]);
  });

  it('shows what the gateway refuses with, and tries nothing else', async () => {
    const refused = await json(guest, ...ask('rnain'));
    expect([refused.code, refused.error]).toEqual([
      64,
      { code: 'ALREADY_EXISTS', message: expect.stringContaining('looks like one that is taken') },
    ]);
  });
});

describe('a fake gateway', () => {
  it('with another certificate gets no byte from an enrolled agent', async () => {
    await letIn('careful');
    await onHost('gateway', 'stop');
    let received = '';
    const fake = createTlsServer(selfSigned(), (socket) => {
      socket
        .on('error', () => undefined)
        .on('data', (bytes) => {
          received += bytes.toString('latin1');
        });
    });
    fake.on('tlsClientError', () => undefined);
    fake.listen(Number(new URL(url).port), '127.0.0.1');
    await once(fake, 'listening');
    const got = await json(guest, 'get', 'anthropic', '--agent', 'careful');
    const ran = await onGuest('run', '--agent', 'careful', '--', process.execPath, '-e', '0');
    const ended = await onGuest('unenroll', 'careful');
    await new Promise((resolve) => fake.close(resolve));
    expect([got.code, got.error, ran.code]).toEqual([69, expect.objectContaining({ code: 'SERVER_UNTRUSTED' }), 69]);
    expect([ended.code, ended.stderr]).toEqual([0, expect.stringContaining('was not told')]);
    expect(received).toBe('');
    await onHost('gateway', 'start', '--port', new URL(url).port);
  });

  it.each([
    ['no JSON', 200, 'hello'],
    ['a wrong shape', 201, '{"id":"enr_1","code":"x"}'],
    ['an endless answer', 201, `{"id":"${'x'.repeat(200_000)}"}`],
    ['a redirect', 302, ''],
    ['an error of nobody', 500, '{"error":{"message":"\u001b[2Jboo"}}'],
  ])('that answers with %s is named as none', async (_, status, body) => {
    const refused = await askFake(status, {}, body);
    expect([refused.code, refused.error]).toEqual([69, expect.objectContaining({ code: 'SERVER_UNTRUSTED' })]);
    expect(JSON.stringify(refused)).not.toContain('\u001b');
  });

  it('that answers with escapes in an error of ours has them shown escaped, and not at length', async () => {
    const text = `\u001b[2Jboo${'x'.repeat(1_000)}`;
    const refused = await askFake(
      409,
      { 'x-moltbot-error': 'ALREADY_EXISTS' },
      JSON.stringify({ error: { message: text } }),
    );
    const { message } = refused.error as { message: string };
    expect(message).toContain('says: \\u{1b}[2Jboo');
    expect(message.length).toBeLessThan(400);
  });

  async function askFake(status: number, headers: Record<string, string>, body: string) {
    const fake = createHttpServer((_, response) => void response.writeHead(status, headers).end(body));
    fake.listen(0, '127.0.0.1');
    await once(fake, 'listening');
    const address = `http://127.0.0.1:${(fake.address() as AddressInfo).port}`;
    const refused = await json(guest, 'enroll', '--server', address, '--name', 'trusting', '--can', 'anthropic');
    fake.close();
    return refused;
  }
});

describe('unenroll', () => {
  it('on the machine that enrolled ends the agent there and its key here', async () => {
    await letIn('leaving');
    const ended = await json(guest, 'unenroll', 'leaving');
    expect(ended).toMatchObject({ code: 0, agentId: 'leaving', server: url, told: true });
    expect((await onHost('agents', 'list')).stdout).not.toContain('leaving');
    expect((await json(guest, 'unenroll', 'leaving')).error).toMatchObject({ code: 'AGENT_NOT_FOUND' });
  });

  it('deletes the key here also where the gateway is gone, and says so', async () => {
    const keyFile = join(guest.directory, 'agent.key');
    const env = { MOLTBOT_AGENT_KEY_FILE: keyFile };
    await letIn('stranded', env);
    await onHost('gateway', 'stop');
    const ended = await runCli(guest, ['unenroll', 'stranded'], { env });
    await onHost('gateway', 'start', '--port', new URL(url).port);
    expect([ended.code, existsSync(keyFile)]).toEqual([0, false]);
    expect(ended.stderr).toMatch(
      /was not told. The gateway at .* cannot be reached \(ECONNREFUSED\)\. A person there can end it/,
    );
    expect((await json(host, 'unenroll', 'stranded')).removed).toBe(true);
  });

  it('forgets a question that nobody has answered', async () => {
    await runCli(guest, ask('undecided', '--no-wait'));
    const ended = await json(guest, 'unenroll', 'undecided');
    expect(ended).toMatchObject({ code: 0, told: false });
    expect((await json(host, 'agents', 'deny', 'undecided')).denied).toBe(true);
  });

  it('on the gateway host ends keys and tokens at once, and keeps an agent that has credentials', async () => {
    const main = await json(host, 'agents', 'rotate-key', 'main');
    expect(main.code).toBe(0);
    const ended = await json(host, 'unenroll', 'main');
    expect(ended).toMatchObject({ code: 0, agentId: 'main', keys: 1, removed: false });
    expect((await json(host, 'unenroll', 'nobody')).error).toMatchObject({ code: 'AGENT_NOT_FOUND' });
  });
});

describe('agents rotate-key', () => {
  const tokenFor = async (key: string) => {
    const call = `fetch('${url}/v1/tokens', { method: 'POST', headers: { 'x-api-key': '${key}' } }).then((answer) => console.log(answer.status))`;
    const env = { NODE_EXTRA_CA_CERTS: join(host.directory, 'cert.pem') };
    return (await runCli(host, ['run', '--', process.execPath, '-e', call], { env })).stdout.trim();
  };

  it('prints a key once, which works, and lets the one before it work on for its grace time', async () => {
    await onHost('agents', 'add', 'rotator');
    const first = await onHost('agents', 'rotate-key', 'rotator');
    expect(first.stdout).toMatch(/^mba_\w{49}\n$/);
    expect(first.stderr).not.toContain('mba_');
    const second = await json(host, 'agents', 'rotate-key', 'rotator', '--grace', '10m');
    expect(second).toMatchObject({ code: 0, agentId: 'rotator', kind: 'key', replaced: 1, graceMs: 600_000 });
    expect([await tokenFor(first.stdout.trim()), await tokenFor(String(second.key))]).toEqual(['200', '200']);
    const third = await json(host, 'agents', 'rotate-key', 'rotator', '--grace', '0');
    expect(await tokenFor(String(second.key))).toBe('401');
    expect(await tokenFor(String(third.key))).toBe('200');
    for (const key of [first.stdout.trim(), String(second.key)])
      expect(findCanary(key, { directories: [host.directory] })).toEqual([]);
  });

  it('makes OAuth client secrets with --oauth', async () => {
    const made = await json(host, 'agents', 'rotate-key', 'main', '--oauth');
    expect(made).toMatchObject({ clientId: 'main', kind: 'client_secret', key: expect.stringMatching(/^mbs_/) });
  });

  it.each([
    [['nobody'], 'AGENT_NOT_FOUND'],
    [['main', '--grace', 'soon'], 'USAGE'],
    [['main', '--grace', '31d'], 'USAGE'],
  ])('refuses %j', async (args, error) => {
    expect((await json(host, 'agents', 'rotate-key', ...args)).error).toMatchObject({ code: error });
  });
});

describe('agents pending, approve and deny', () => {
  it('say so when nobody asks', async () => {
    const empty = await runCli(guest, ['agents', 'pending']);
    expect(empty).toEqual({ code: 0, stdout: expect.stringContaining('Nobody asks.'), stderr: '' });
    expect((await json(guest, 'agents', 'pending')).items).toEqual([]);
    expect((await json(guest, 'agents', 'deny', 'x')).error).toMatchObject({ code: 'ENROLLMENT_NOT_FOUND' });
  });

  it('allow less than was asked for, and never more', async () => {
    await runCli(guest, ask('narrowed', '--can', 'openai', '--no-wait'));
    const { code } = await pendingOf('narrowed');
    const approve = ['agents', 'approve', 'narrowed', '--code', code];
    expect((await json(host, ...approve, '--can', 'xai')).error).toMatchObject({ code: 'USAGE' });
    const model = 'anthropic/claude-haiku-4-5';
    expect((await json(host, ...approve, '--can', 'anthropic', '--model', model)).policy).toEqual({
      providers: ['anthropic'],
      models: [model],
    });
  });
});

describe.skipIf(!hasTmux() && !isMandatory)('on a terminal', () => {
  it('a person compares the certificate on one machine and the code on the other', async () => {
    const asking = openTerminal(guest, ['enroll', '--server', url, '--name', 'by-hand', '--can', 'anthropic']);
    await asking.shows(new RegExp(fingerprint));
    await asking.shows(/Is it the same\?/);
    asking.press('y', 'Enter');
    const shown = /Code: ([A-Z]{4}-[A-Z]{4})/.exec(await asking.shows(/Code: \w/))![1]!;
    const deciding = openTerminal(host, ['agents', 'approve', 'by-hand']);
    await deciding.shows(new RegExp(`show the code ${shown}`));
    deciding.press('y', 'Enter');
    expect(await deciding.exitCode()).toBe(0);
    expect(await asking.exitCode()).toBe(0);
    expect(asking.screen()).toContain('Agent by-hand is let in');
    deciding.close();
    asking.close();
  });
});

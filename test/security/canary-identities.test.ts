import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Guard } from '../../src/agents/guard.ts';
import { Secret } from '../../src/core/secret.ts';
import { Database } from '../../src/database/database.ts';
import { findCanary } from '../fakes/canary.ts';
import { runCli } from '../fakes/cli.ts';
import { SMALL } from '../fakes/test-gateway.ts';
import { type CliGateway, type CliSetup, messages, runGateway, setUpCli } from './cli-gateway.ts';
import { everyManagementRoute } from './every-management-route.ts';
import { everyRoute } from './every-route.ts';

const PASSPHRASE = 'A guard canary of 27 letters';

let setup: CliSetup;
let gateway: CliGateway;
/** What agents and people identify themselves with; each was given once, and that answer is not kept. */
const secrets: Record<string, string> = {};
/** Everything that was printed or answered afterwards, by what it was. */
const texts: Record<string, string> = {};
beforeAll(async () => {
  setup = await setUpCli({ log: { level: 'debug' }, management: { http: { port: 0 } } });
  gateway = await runGateway(setup.home);
  const key = async (...command: string[]) => {
    const { stdout } = await runCli(setup.home, [...command, '--json']);
    const { key: given, token } = JSON.parse(stdout) as Record<string, string>;
    return given ?? token!;
  };
  await runCli(setup.home, ['agents', 'add', 'builder']);
  secrets.agentKey = await key('agents', 'rotate-key', 'builder');
  secrets.clientSecret = await key('agents', 'rotate-key', 'builder', '--oauth');
  secrets.adminKey = await key('admin', 'keys', 'create', '--role', 'owner');
  secrets.token = await key('get', 'anthropic');
  const asked = await fetch(`${gateway.url}/v1/enrollments`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'elsewhere', providers: ['anthropic'] }),
  });
  secrets.pollToken = ((await asked.json()) as { pollToken: string }).pollToken;
});
afterAll(async () => {
  await gateway.kill();
  await setup[Symbol.asyncDispose]();
});

/** Which secret was found, and where: in what was said, and in every file below the home. */
function found(): string[] {
  return Object.entries({ ...secrets, passphrase: PASSPHRASE }).flatMap(([name, secret]) =>
    findCanary(secret, { directories: [setup.home.directory], texts }).map((place) => `${name} in ${place}`),
  );
}

async function say(command: readonly string[], name = command.join(' ')): Promise<void> {
  const { stdout, stderr } = await runCli(setup.home, command, { env: { MOLTBOT_DEBUG: '1', EDITOR: 'true' } });
  texts[`moltbot ${name}`] = stdout + stderr;
}

/** Over the management socket. */
function manage(method: string, path: string, headers: Record<string, string>, body?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        socketPath: join(setup.home.stateDir, 'management.sock'),
        method,
        path,
        agent: false,
        headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
        timeout: 1_000,
      },
      (response) => {
        let text = JSON.stringify(response.rawHeaders);
        response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
        response.on('close', () => resolve(text));
      },
    );
    outgoing.on('timeout', () => outgoing.destroy());
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

describe('what identifies agents and people', () => {
  it('is in no answer, log, database or metric while it is used rightly and wrongly, in every place', async () => {
    const { agentKey, clientSecret, adminKey, token, pollToken } = secrets as Record<string, string>;
    for (const [name, secret] of Object.entries(secrets)) {
      for (const { method, path } of everyRoute()) {
        if (path.startsWith('/v1/proxy/') && method !== 'POST') continue;
        const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' };
        // A credential where a name belongs, too.
        const body =
          method === 'GET' ? {} : { body: JSON.stringify({ name: secret, label: secret, [secret]: secret }) };
        if (path === '/v1/unenroll' || path === '/v1/self') continue;
        const answer = await fetch(`${gateway.url}${path}?key=${secret}`, { method, headers, ...body });
        texts[`${name} at ${method} ${path}`] = JSON.stringify([...answer.headers]) + (await answer.text());
      }
    }
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientSecret!,
      client_secret: agentKey!,
    });
    texts.oauth = await (await fetch(`${gateway.url}/oauth/token`, { method: 'POST', body: form })).text();
    await (await messages(gateway.url, token!, SMALL)).text();
    await (await fetch(`${gateway.url}/v1/enrollments/enr_x`, { headers: { 'x-api-key': pollToken! } })).text();
    for (const { method, path } of everyManagementRoute()) {
      if (method === 'DELETE' || path.endsWith('/events')) continue;
      const body =
        method === 'GET' ? undefined : JSON.stringify({ label: adminKey, name: agentKey, [pollToken!]: token });
      texts[`${method} ${path}`] = await manage(method, path.replaceAll('abc', agentKey!), {}, body);
    }
    expect(found()).toEqual([]);
  });

  it('is repeated by no command that got it as a word or a value', async () => {
    for (const [name, secret] of Object.entries(secrets)) {
      const commands = [
        [secret],
        ['agents', 'show', secret],
        ['agents', 'add', secret],
        ['agents', 'approve', secret],
        ['agents', 'set', 'builder', '--can', secret],
        ['agents', 'add', 'other', '--models', secret],
        ['unenroll', secret],
        ['revoke', secret],
        ['admin', 'keys', 'revoke', secret],
        ['audit', 'verify', '--head', secret],
        ['gates', '--agent', secret],
        ['models', 'auth', 'grant', secret, '--to', secret],
        ['enroll', '--server', `https://${secret}@127.0.0.1:9`, '--name', 'x', '--can', 'anthropic'],
        ['import', secret],
        ['connect', secret],
      ];
      for (const command of commands)
        await say([...command, '--json'], `${command.join(' ').replaceAll(secret, name)} (${name})`);
    }
    expect(found()).toEqual([]);
  }, 300_000);

  it('is in nothing that is listed, exported, counted or streamed', async () => {
    const commands = [
      ['agents', 'list'],
      ['agents', 'show', 'builder'],
      ['agents', 'pending'],
      ['admin', 'keys', 'list'],
      ['active'],
      ['audit', 'list'],
      ['audit', 'tail'],
      ['audit', 'export'],
      ['audit', 'verify'],
      ['gates'],
      ['guard', 'status'],
      ['gateway', 'status'],
      ['models', 'status'],
      ['doctor'],
    ];
    for (const command of commands) for (const json of [[], ['--json']]) await say([...command, ...json]);
    const events = manage('GET', '/api/v1/events', { 'last-event-id': '0' });
    const database = Database.open(join(setup.home.stateDir, 'state.sqlite'));
    new Guard(database).set(new Secret(PASSPHRASE));
    database.close();
    await manage('POST', '/api/v1/resume', { 'x-moltbot-guard': PASSPHRASE }, '{"all":true}');
    await manage('POST', '/api/v1/resume', { 'x-moltbot-guard': `${PASSPHRASE}x` }, '{"all":true}');
    texts.events = await events;
    texts.metrics = await manage('GET', '/api/v1/metrics', {});
    expect(texts.events).toContain('guard.refused');
    expect(texts.metrics).toContain('# TYPE');
    expect(readFileSync(join(setup.home.stateDir, 'gateway.log'), 'utf8').length).toBeGreaterThan(1_000);
    expect(found()).toEqual([]);
  });
});

import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeKey } from '../../src/simulator/keys.ts';
import { findCanary } from '../fakes/canary.ts';
import { type CliHome, type CliOptions, cliHome, outputUntil, runCli, startCli } from '../fakes/cli.ts';
import { noNetworksBecause, TwoNetworks } from '../fakes/two-networks.ts';
import { selfSigned } from '../security/self-signed.ts';

const reason = noNetworksBecause();
if (reason) console.warn(`SKIPPED: the story of two machines needs two networks: ${reason}`);

const PORT = 8400;
const KEY = makeKey('anthropic', 'work', 'api_key').key;

const SLOWLY = { answer: { deltas: 300 }, pacing: { perEventMs: 100 } };

/** A program that streams one answer, says when it began and ended, and then asks again. */
const PROGRAM = `
  const { ANTHROPIC_BASE_URL: url, ANTHROPIC_AUTH_TOKEN: token } = process.env;
  const ask = (stream) => fetch(url + '/v1/messages', {
    method: 'POST',
    headers: { authorization: 'Bearer ' + token, 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
    body: JSON.stringify({ model: 'claude-haiku-4-5', max_tokens: 900, stream, messages: [{ role: 'user', content: 'Hi' }] }),
  });
  const answer = await ask(true);
  let text = '';
  for await (const piece of answer.body.pipeThrough(new TextDecoderStream())) {
    if (text === '') console.log('BEGUN ' + answer.status);
    text += piece;
  }
  console.log('ENDED ' + JSON.stringify({ atMs: Date.now(), last: text.trimEnd().split('\\n\\n').at(-1).split('\\n')[0] }));
  const after = await ask(false);
  console.log('AFTER ' + after.status + ' ' + after.headers.get('x-moltbot-error'));
`;

describe.skipIf(reason)('an agent on another machine', () => {
  let networks: TwoNetworks;
  let host: CliHome;
  let guest: CliHome;
  let simulator: ChildProcessWithoutNullStreams;
  let fingerprint: string;
  const said: string[] = [];

  const cli = async (home: CliHome, args: readonly string[], options: CliOptions = {}) => {
    const within = home === host ? networks.onHost : networks.onGuest;
    const result = await runCli(home, args, { ...options, within });
    said.push(result.stdout, result.stderr);
    return result;
  };
  const onHost = (...args: string[]) => cli(host, args);
  const onGuest = (...args: string[]) => cli(guest, args);
  const url = () => `https://${networks.hostAddress}:${PORT}`;

  beforeAll(async () => {
    networks = new TwoNetworks();
    host = cliHome();
    guest = cliHome();
    const script = join(host.directory, 'script.json5');
    writeFileSync(script, JSON.stringify({ ...SLOWLY, keys: [{ provider: 'anthropic', name: 'work' }] }));
    simulator = startCli(host, ['simulate', '--script', script, '--json'], { within: networks.onHost });
    const provider = /"anthropic": "(http:[^"]+)"/.exec(await outputUntil(simulator, /"anthropic": "http[^}]+\}/))![1];
    const { cert, key } = selfSigned(networks.hostAddress);
    const [certFile, keyFile] = [join(host.directory, 'cert.pem'), join(host.directory, 'key.pem')];
    writeFileSync(certFile, cert);
    writeFileSync(keyFile, key, { mode: 0o600 });
    const { hostAddress } = networks;
    const gateway = { host: hostAddress, port: PORT, allowedHosts: [hostAddress], tls: { certFile, keyFile } };
    mkdirSync(host.stateDir, { mode: 0o700 });
    const config = { gateway, models: { providers: { anthropic: { baseUrl: provider } } } };
    writeFileSync(join(host.stateDir, 'moltbot.json'), JSON.stringify(config), { mode: 0o600 });
    const paste = ['models', 'auth', 'paste-api-key', '--provider', 'anthropic', '--vault', 'file'];
    const stored = await cli(host, paste, { input: KEY });
    expect([stored.code, stored.stderr]).toEqual([0, expect.any(String)]);
    expect((await onHost('gateway', 'start')).code).toBe(0);
    fingerprint = /sha256:[0-9a-f]{64}/.exec((await onHost('agents', 'pending')).stderr)![0];
  });
  afterAll(async () => {
    if (!networks) return;
    await onHost('gateway', 'stop');
    simulator.kill();
    networks[Symbol.dispose]();
    host.remove();
    guest.remove();
  });

  it('sends nothing to a server whose certificate is not the one it was told of', async () => {
    const ask = ['enroll', '--server', url(), '--name', 'builder', '--can', 'anthropic'];
    const unseen = await onGuest(...ask);
    const other = await onGuest(...ask, '--fingerprint', `sha256:${'0'.repeat(64)}`);
    expect([unseen.code, other.code]).toEqual([64, 69]);
    expect(JSON.parse((await onHost('agents', 'pending', '--json')).stdout).items).toEqual([]);
  });

  it('enrols, works, and is cut off in the middle of an answer when a person ends it', async () => {
    const ask = ['enroll', '--server', url(), '--name', 'builder', '--can', 'anthropic', '--fingerprint', fingerprint];
    const enrolling = onGuest(...ask, '--reason', 'builds the nightly');
    const [pending] = await pendingOnHost();
    expect(pending).toMatchObject({
      name: 'builder',
      providers: ['anthropic'],
      models: null,
      reason: 'builds the nightly',
      source: networks.guestAddress,
    });
    expect((await onHost('agents', 'approve', 'builder')).code).toBe(64);
    expect((await onHost('agents', 'approve', 'builder', '--code', 'BBBB-BBBB')).code).toBe(1);
    expect((await onHost('agents', 'approve', 'builder', '--code', pending!.code)).code).toBe(0);
    const enrolled = await enrolling;
    expect(enrolled.code).toBe(0);
    expect(enrolled.stderr).toContain(`Code: ${pending!.code}`);
    expect((await onHost('models', 'auth', 'grant', 'anthropic:default', '--to', 'builder')).code).toBe(0);

    const token = JSON.parse((await onGuest('get', 'anthropic', '--agent', 'builder', '--json')).stdout);
    expect(token).toMatchObject({ agentId: 'builder', baseUrl: `${url()}/v1/proxy/anthropic` });

    const program = startCli(
      guest,
      ['run', '--agent', 'builder', '--', process.execPath, '--input-type=module', '-e', PROGRAM],
      { within: networks.onGuest },
    );
    expect(await outputUntil(program, /BEGUN/)).toContain('BEGUN 200');
    await sleep(500);
    expect((await onHost('unenroll', 'builder')).code).toBe(0);
    const unenrolledAtMs = Date.now();
    const rest = await outputUntil(program, /AFTER.*\n/);
    const ended = JSON.parse(/ENDED (.*)/.exec(rest)![1]!) as { atMs: number; last: string };
    expect(ended.last).toBe('event: error');
    expect(ended.atMs - unenrolledAtMs).toBeLessThan(1_000);
    expect(rest).toContain('AFTER 401 TOKEN_REJECTED');

    const late = await onGuest('get', 'anthropic', '--agent', 'builder', '--json');
    expect([late.code, JSON.parse(late.stdout).error.code]).toEqual([1, 'AGENT_KEY_REJECTED']);
    const left = await onGuest('unenroll', 'builder');
    expect([left.code, left.stdout]).toEqual([0, expect.stringContaining('Deleted the key of agent builder')]);
  });

  it('leaves the whole story in the audit, in order, and no secret anywhere', async () => {
    expect(await story()).toEqual([
      'gateway enrollment.asked',
      'person agent.added',
      'person enrollment.approved',
      'agent:builder enrollment.collected',
      'person credential.granted',
      'agent:builder token.issued',
      'agent:builder token.issued',
      'person agent.unenrolled',
    ]);
    expect((await onHost('audit', 'verify')).code).toBe(0);
    const texts = { said: said.join('\n').replaceAll(/"token": "mbt_\w+"/g, '') };
    expect(texts.said).not.toMatch(/mb[abpst]_[0-9A-Za-z]{20}/);
    expect(findCanary(KEY, { directories: [host.directory, guest.directory], texts })).toEqual([]);
  });

  it('is vouched for: of one flipped byte the audit names the row', async () => {
    expect((await onHost('gateway', 'stop')).code).toBe(0);
    const whole = JSON.parse((await onHost('audit', 'list', '--json', '--limit', '100')).stdout) as AuditList;
    const approved = whole.items.find(({ action }) => action === 'enrollment.approved')!;
    const file = join(host.stateDir, 'state.sqlite');
    // Written anew, so that the file holds each row once and no copy from before it was sealed.
    const database = new DatabaseSync(file);
    database.exec('VACUUM; PRAGMA wal_checkpoint(TRUNCATE)');
    database.close();
    const bytes = readFileSync(file);
    const at = bytes.indexOf('enrollment.approvedbuilder');
    expect([at > 0, bytes.lastIndexOf('enrollment.approvedbuilder')]).toEqual([true, at]);
    bytes[at + 'enrollment.approved'.length] = 'c'.charCodeAt(0);
    writeFileSync(file, bytes);
    const broken = await onHost('audit', 'verify', '--json');
    const { error } = JSON.parse(broken.stdout) as { error: { code: string; message: string } };
    expect([broken.code, error.code]).toEqual([69, 'AUDIT_BROKEN']);
    expect(error.message).toContain(String(approved.seq));
  });

  async function pendingOnHost(): Promise<{ name: string; code: string }[]> {
    for (;;) {
      const { items } = JSON.parse((await onHost('agents', 'pending', '--json')).stdout);
      if (items.length > 0) return items;
      await sleep(200);
    }
  }

  /** What the audit says of that agent, in its order, in the fewest words. */
  async function story(): Promise<string[]> {
    const listed = await onHost('audit', 'list', '--agent', 'builder', '--json', '--limit', '100');
    const { items } = JSON.parse(listed.stdout) as AuditList;
    const decisions = items.filter(({ kind }) => kind === 'decision');
    return decisions.map(({ actor, action }) => `${actor.replace(/^person:.*/, 'person')} ${action}`);
  }
});

interface AuditList {
  readonly items: readonly AuditItem[];
}

interface AuditItem {
  readonly kind: 'decision' | 'request';
  readonly seq: number;
  readonly actor: string;
  readonly action: string;
}

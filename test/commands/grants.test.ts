import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AuditLog } from '../../src/audit/audit-log.ts';
import { Database } from '../../src/database/database.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { type CliHome, cliHome, runCli } from '../fakes/cli.ts';

let simulator: Simulator;
let home: CliHome;

beforeAll(async () => {
  simulator = await startSimulator();
});
afterAll(() => simulator.close());
beforeEach(async () => {
  home = cliHome();
  const input = simulator.issueKey('anthropic', 'work');
  const place = ['--base-url', simulator.url, '--vault', 'file', '--profile-id', 'anthropic:work'];
  await auth(['paste-api-key', '--provider', 'anthropic', ...place], input);
  await runCli(home, ['agents', 'add', 'reviewer']);
});
afterEach(() => home.remove());

async function json(args: readonly string[], input?: string) {
  const { code, stdout } = await runCli(home, [...args, '--json'], input === undefined ? {} : { input });
  return { code, value: JSON.parse(stdout) };
}
const auth = (args: readonly string[], input?: string) => json(['models', 'auth', ...args], input);
const code = async (args: readonly string[]) => {
  const result = await auth(args);
  return [result.code, result.value.error.code];
};

describe('moltbot models auth grant', () => {
  it('lends a profile by reference, shown on both sides, written down, and taken back', async () => {
    const granted = await auth([
      'grant',
      'anthropic:work',
      '--to',
      'reviewer',
      '--model',
      'claude-haiku-4-5',
      '--rpm',
      '3',
    ]);
    expect(granted.value).toEqual({
      profileId: 'anthropic:work',
      agentId: 'main',
      grantedTo: 'reviewer',
      grantedAs: 'main/anthropic:work',
      models: ['claude-haiku-4-5'],
      requestsPerMinute: 3,
      gatewayHost: expect.any(String),
    });
    const { value } = await json(['models', 'status', '--agent', 'reviewer']);
    expect(value.auth.profiles).toEqual([
      expect.objectContaining({
        profileId: 'main/anthropic:work',
        source: 'grant',
        grantedBy: 'main',
        models: ['claude-haiku-4-5'],
        requestsPerMinute: 3,
        order: 1,
      }),
    ]);
    expect(value.auth.providers[0].effective.profileId).toBe('main/anthropic:work');
    expect((await auth(['list'])).value.items).toEqual([
      expect.objectContaining({ profileId: 'anthropic:work', source: 'own', grantedTo: ['reviewer'] }),
    ]);
    const told = (await runCli(home, ['models', 'auth', 'list', '--agent', 'reviewer'])).stdout;
    expect(told).toContain('granted by main, for claude-haiku-4-5, 3 a minute');
    const why = await auth(['why', 'main/anthropic:work', '--agent', 'reviewer']);
    expect(why.value.sentences[0]).toBe(
      'It is anthropic:work of agent "main", granted to "reviewer" for claude-haiku-4-5, at most 3 requests a minute.',
    );
    const ended = await auth(['revoke-grant', 'anthropic:work', '--from', 'reviewer']);
    expect(ended.value).toMatchObject({ profileId: 'anthropic:work', agentId: 'main', revokedFrom: 'reviewer' });
    expect((await auth(['list', '--agent', 'reviewer'])).value.items).toEqual([]);
    expect(story()).toEqual(['credential.granted main/anthropic:work', 'credential.grant_ended main/anthropic:work']);
  });

  it('says which model its grant leaves out, where that is the default', async () => {
    await auth(['grant', 'anthropic:work', '--to', 'reviewer', '--model', 'claude-haiku-4-5']);
    await runCli(home, ['models', 'set', 'anthropic/claude-opus-4-5']);
    const { value } = await json(['models', 'status', '--agent', 'reviewer']);
    expect(value.auth.unusableProfiles).toEqual([
      expect.objectContaining({
        profileId: 'main/anthropic:work',
        reason: 'not_granted',
        model: 'claude-opus-4-5',
        nextStep: 'Widen its grant: moltbot models auth grant anthropic:work --to reviewer',
      }),
    ]);
    expect(value.auth.providers[0].effective.detail).toContain('main/anthropic:work not granted for claude-opus-4-5');
    const why = await auth(['why', 'main/anthropic:work', '--agent', 'reviewer']);
    expect(why.value.sentences.join(' ')).toContain('is disabled for claude-opus-4-5: not granted.');
  });

  it('may be named by an order and by the pin of a token', async () => {
    await auth(['grant', 'anthropic:work', '--to', 'reviewer']);
    const order = ['order', 'set', '--provider', 'anthropic', '--agent', 'reviewer', 'main/anthropic:work'];
    expect((await auth(order)).value.order).toEqual(['main/anthropic:work']);
    expect((await json(['config', 'validate'])).code).toBe(0);
    const pinned = ['get', 'anthropic', '--agent', 'reviewer', '--profile', 'main/anthropic:work'];
    expect((await json(pinned)).code).toBe(0);
    await auth(['revoke-grant', 'main/anthropic:work', '--from', 'reviewer']);
    expect((await json(pinned)).value.error.code).toBe('PROFILE_NOT_FOUND');
    const doctor = (await json(['doctor'])).value;
    expect(JSON.stringify(doctor)).toContain('moltbot models auth grant anthropic:work --agent main --to reviewer');
  });

  it('is refused for what cannot be lent', async () => {
    await auth(['grant', 'anthropic:work', '--to', 'reviewer']);
    await runCli(home, ['agents', 'add', 'writer']);
    const to = (agent: string) => ['--to', agent];
    expect(await code(['grant', 'main/anthropic:work', '--agent', 'reviewer', ...to('writer')])).toEqual([64, 'USAGE']);
    expect(await code(['grant', 'anthropic:work', '--agent', 'reviewer', ...to('writer')])).toEqual([
      1,
      'PROFILE_NOT_FOUND',
    ]);
    expect(await code(['grant', 'anthropic:work', ...to('main')])).toEqual([64, 'USAGE']);
    expect(await code(['grant', 'anthropic:work', ...to('nobody')])).toEqual([64, 'AGENT_NOT_FOUND']);
    expect(await code(['grant', 'anthropic:other', ...to('reviewer')])).toEqual([1, 'PROFILE_NOT_FOUND']);
    expect(await code(['grant', 'anthropic:work', ...to('writer'), '--model', 'gpt-5'])).toEqual([64, 'USAGE']);
    expect(await code(['grant', 'anthropic:work', ...to('writer'), '--model', 'claude-nonsense'])).toEqual([
      64,
      'MODEL_NOT_FOUND',
    ]);
    expect(await code(['revoke-grant', 'anthropic:work', '--from', 'writer'])).toEqual([1, 'GRANT_NOT_FOUND']);
    expect(await code(['remove', 'main/anthropic:work', '--agent', 'reviewer', '--yes'])).toEqual([64, 'USAGE']);
    expect(story()).toEqual(['credential.granted main/anthropic:work']);
  });
});

function story(): string[] {
  const database = Database.openForReading(join(home.stateDir, 'state.sqlite'))!;
  const rows = new AuditLog(database).after({ limit: 100 });
  database.close();
  return rows.filter(({ action }) => action.includes('grant')).map(({ action, subject }) => `${action} ${subject}`);
}

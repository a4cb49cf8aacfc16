import { describe, expect, it } from 'vitest';
import { pauseAgent } from '../../src/agents/change-agents.ts';
import { booksOf, tester } from '../fakes/gateway-agents.ts';
import { TestGateway } from '../fakes/test-gateway.ts';
import { claudeAlone, runClaude } from './claude.ts';
import { ANSWER, Machine, type Rule } from './machine.ts';

const LIMITED: Rule['fail'] = { kind: 'error', error: 'rate_limit', resets: [{ style: 'retry-after', seconds: 120 }] };
const OVERLOADED: Rule['fail'] = { kind: 'error', error: 'overloaded' };
const SUCCESS = { code: 0, isError: false, status: null, text: ANSWER };

describe('Claude Code, run with a token in place of a key', () => {
  it('asks once and is answered by the stored profile', async () => {
    await using machine = await Machine.start();
    expect(await runClaude(machine)).toMatchObject(SUCCESS);
    expect(machine.seen()).toEqual(['first stream 200']);
    expect(machine.simulator.requests[0]).toMatchObject({
      path: '/v1/messages',
      query: 'beta=true',
      credentials: [{ header: 'x-api-key', kind: 'api_key' }],
    });
    expect(await machine.json('active')).toEqual({ schemaVersion: 1, items: [] });
  });

  it('does not notice that the first profile is rate limited', async () => {
    const rules = [{ credential: 'first', fail: LIMITED }];
    await using machine = await Machine.start({ profiles: ['first', 'second'], rules });
    expect(await runClaude(machine)).toMatchObject(SUCCESS);
    expect(machine.seen()).toEqual(['first stream 429', 'second stream 200']);
    const { auth } = (await machine.json('models', 'status')) as { auth: { unusableProfiles: unknown[] } };
    expect(auth.unusableProfiles).toMatchObject([
      { profileId: 'anthropic:first', kind: 'cooldown', reason: 'rate_limit', httpStatus: 429 },
    ]);
  });

  it.each([
    { kind: 'truncate', afterEvents: 4 },
    { kind: 'reset', afterEvents: 4 },
    { kind: 'garbage', afterEvents: 4 },
    { kind: 'truncate', afterEvents: 1 },
  ] as const)('ends in success when one stream breaks: %j', async (fail) => {
    await using machine = await Machine.start({ rules: [{ stream: true, first: 1, fail }] });
    expect(await runClaude(machine)).toMatchObject(SUCCESS);
    // Told of it in its own dialect, it asks again at once without a stream.
    expect(machine.seen()).toEqual([`first stream ${fail.kind}`, 'first whole 200']);
  });

  it('ends in success when the connection breaks before there is an answer, which nobody but the client asks again', async () => {
    await using machine = await Machine.start({ rules: [{ first: 1, fail: { kind: 'reset' } }] });
    expect(await runClaude(machine)).toMatchObject(SUCCESS);
    expect(machine.seen()).toEqual(['first stream reset', 'first stream 200']);
  });

  it('is served by the subscription first, with the beta that its token needs', async () => {
    await using machine = await Machine.start({ profiles: ['key', { name: 'mine', type: 'token' }] });
    expect(await runClaude(machine)).toMatchObject(SUCCESS);
    expect(machine.seen()).toEqual(['mine stream 200']);
    const { credentials, rawHeaders } = machine.simulator.requests[0]!;
    expect(credentials).toMatchObject([{ header: 'authorization', kind: 'token' }]);
    const betas = rawHeaders[rawHeaders.findIndex((name) => name.toLowerCase() === 'anthropic-beta') + 1];
    expect(betas?.split(',').filter((beta) => beta === 'oauth-2025-04-20')).toHaveLength(1);
    expect(betas).toContain('claude-code-20250219');
  });

  it('goes on with the API key when the subscription’s five hours are used up', async () => {
    const resets = [{ style: 'unified-five-hour' as const, seconds: 7200 }];
    const rules: Rule[] = [{ credential: 'mine', fail: { kind: 'error', error: 'rate_limit', resets } }];
    await using machine = await Machine.start({ profiles: ['key', { name: 'mine', type: 'token' }], rules });
    expect(await runClaude(machine)).toMatchObject(SUCCESS);
    expect(machine.seen()).toEqual(['mine stream 429', 'key stream 200']);
  });

  it('waits without noticing for its only profile when that is ready in two seconds', async () => {
    const resets = [{ style: 'retry-after' as const, seconds: 2 }];
    await using machine = await Machine.start({
      rules: [{ first: 1, fail: { kind: 'error', error: 'rate_limit', resets } }],
    });
    expect(await runClaude(machine)).toMatchObject(SUCCESS);
    expect(machine.seen()).toEqual(['first stream 429', 'first stream 200']);
  });

  it('stays with one profile while it works with tools, so that the provider’s prompt cache serves it', async () => {
    const toolUse = { name: 'Read', input: { file_path: '/etc/hostname' } };
    const rules = [{ first: 1, answer: { toolUse, stopReason: 'tool_use' } }];
    await using machine = await Machine.start({ profiles: ['first', 'second'], rules });
    expect(await runClaude(machine)).toMatchObject(SUCCESS);
    const [question, result] = machine.simulator.requests;
    expect(machine.seen()).toHaveLength(2);
    expect(result!.credentials).toEqual(question!.credentials);
    expect(String(result!.body)).toContain('"type":"tool_result"');
  });

  it('is answered by the fallback when it names the primary model by its alias and that is overloaded', async () => {
    const [primary, fallback] = ['anthropic/claude-opus-4-5', 'anthropic/claude-haiku-4-5'];
    const config = {
      agents: {
        defaults: { model: { primary, fallbacks: [fallback] }, models: { [primary]: { alias: 'work' } } },
      },
    };
    const rules = [{ model: 'claude-opus-*', fail: OVERLOADED }];
    await using machine = await Machine.start({ config, rules });
    expect(await runClaude(machine, { args: ['--model', 'work'] })).toMatchObject(SUCCESS);
    expect(machine.simulator.requests.map(({ model, status }) => [model, status])).toEqual([
      [expect.stringMatching(/^claude-opus-4-5/), 529],
      [expect.stringMatching(/^claude-haiku-4-5/), 200],
    ]);
  });
});

describe('Claude Code at a gateway that cannot serve it', () => {
  const proxy = ({ url }: TestGateway) => `${url}/v1/proxy/anthropic`;
  const refusals = ({ logLines }: TestGateway) =>
    logLines.map((line) => JSON.parse(line) as { code?: string }).flatMap(({ code }) => code ?? []);

  it('stops after one attempt with a wrong token, and shows our text', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    const result = await claudeAlone(proxy(gateway), 'mbt_wrong');
    expect(result).toMatchObject({ code: 1, isError: true, status: 401 });
    expect(result.text).toContain('No valid moltbot access token was sent.');
    expect(result.tookMs).toBeLessThan(10_000);
    expect(refusals(gateway)).toEqual(['TOKEN_REJECTED']);
    expect(gateway.simulator.requests).toEqual([]);
  });

  it('stops after one attempt when the agent has no credential, and shows which one to bring', async () => {
    await using gateway = await TestGateway.start();
    const result = await claudeAlone(proxy(gateway), gateway.token);
    expect(result).toMatchObject({ code: 1, isError: true, status: 401 });
    expect(result.text).toContain('No API key found for provider "anthropic" (agent "main").');
    expect(refusals(gateway)).toEqual(['NO_CREDENTIALS']);
  });

  it.each([
    ['billing', 402, 'PROFILES_OUT_OF_CREDIT', 'anthropic:second out of credit'],
    ['authentication', 401, 'PROFILES_REFUSED', 'anthropic:second refused by the provider'],
  ] as const)('stops after one attempt when %s ails every profile, and shows why', async (error, status, code, why) => {
    const script = { rules: [{ fail: { kind: 'error' as const, error } }] };
    await using gateway = await TestGateway.start({ profiles: ['first', 'second'], script });
    const result = await claudeAlone(proxy(gateway), gateway.token);
    expect(result).toMatchObject({ code: 1, isError: true, status });
    expect(result.text).toContain(why);
    expect(refusals(gateway)).toEqual([code]);
    expect(gateway.simulator.requests).toHaveLength(2);
  });

  it('stops after one attempt while its agent is paused, and shows whom to ask', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    pauseAgent(booksOf(gateway), 'main', 'too expensive today', tester(gateway));
    const result = await claudeAlone(proxy(gateway), gateway.token);
    expect(result).toMatchObject({ code: 1, isError: true, status: 402 });
    expect(result.text).toContain(
      'Agent "main" is paused by a person: too expensive today. Ask the person who runs this gateway.',
    );
    expect(refusals(gateway)).toEqual(['AGENT_PAUSED']);
    expect(gateway.simulator.requests).toEqual([]);
  });

  it('stops after one attempt with a model its agent may not use, and shows which it may', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    gateway.agents.change('main', { policy: { models: ['anthropic/claude-haiku-4-5'] } });
    const env = { ANTHROPIC_MODEL: 'claude-opus-4-5' };
    const result = await claudeAlone(proxy(gateway), gateway.token, env);
    expect(result).toMatchObject({ code: 1, isError: true, status: 403 });
    expect(result.text).toContain('It may use: anthropic/claude-haiku-4-5.');
    expect(refusals(gateway)).toEqual(['MODEL_NOT_ALLOWED']);
    expect(gateway.simulator.requests).toEqual([]);
  });

  it('tries an overloaded provider exactly as often as it would without the gateway', async () => {
    await using gateway = await TestGateway.start({
      profiles: ['first', 'second'],
      script: { rules: [{ fail: OVERLOADED }] },
    });
    const key = gateway.simulator.issueKey('anthropic', 'direct');
    const through = await claudeAlone(proxy(gateway), gateway.token);
    const direct = await claudeAlone(gateway.simulator.url, key);
    expect([through.status, direct.status]).toEqual([529, 529]);
    const names = gateway.simulator.requests.map(({ credentials }) => credentials[0]?.name);
    expect(names.filter((name) => name === 'direct')).toHaveLength(3);
    expect(names.filter((name) => name !== 'direct')).toHaveLength(3);
    expect(gateway.states()).toEqual([]);
  });
});

import { describe, expect, it, vi } from 'vitest';
import type { Alert } from '../../src/alerts/alert.ts';
import { AlertStore } from '../../src/alerts/alert-store.ts';
import { GrantStore } from '../../src/profiles/grant-store.ts';
import { RetestStore } from '../../src/profiles/retest-store.ts';
import type { Family, ScriptInput } from '../../src/simulator/script-schema.ts';
import { tester, tokenOf } from '../fakes/gateway-agents.ts';
import { SMALL, TestGateway } from '../fakes/test-gateway.ts';

type Rule = NonNullable<ScriptInput['rules']>[number];

const MINUTE = 60_000;
const WAIT = { timeout: 15_000 };
const unpaid = (more: Rule = {}): Rule => ({ fail: { kind: 'error', error: 'billing' }, ...more });
const BOTH = ['first', 'second'];
const PAUSED = { agentId: 'main', provider: 'anthropic' };

async function refusedBy(gateway: TestGateway, token = gateway.token): Promise<string> {
  const response = await gateway.post({ token });
  expect([response.status, response.headers.get('x-should-retry')]).toEqual([402, 'false']);
  const { error } = (await response.json()) as { error: { message: string } };
  return error.message;
}

/** What people were told of agents, newest first. */
function alerts({ database }: TestGateway): Alert[] {
  return new AlertStore(database).newest({ limit: 9 }).filter(({ kind }) => kind.startsWith('agent.'));
}

const limits = (gateway: TestGateway) => gateway.gateway.spendLimits();

describe.concurrent('an agent whose profiles are past their provider’s spend limit', () => {
  it('goes on while one is left, then gets 402 with what a model may read: who, since when, what happens, whom to ask', async () => {
    await using gateway = await TestGateway.start({
      profiles: BOTH,
      script: { rules: [unpaid({ credential: 'first' })] },
      config: { auth: { order: { anthropic: ['anthropic:first', 'anthropic:second'] } } },
    });
    expect((await gateway.post()).status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 1_300));
    expect([gateway.served(), limits(gateway), alerts(gateway)]).toEqual([['first 402', 'second 200'], [], []]);
    gateway.simulator.addRules(unpaid());
    const said = await refusedBy(gateway);
    expect(said).toMatch(
      /^No available auth profile \(all in cooldown\/unavailable\): anthropic:first out of credit or past a spend limit \(HTTP 402\), ready in 5 h .*; anthropic:second .*\. No profile of anthropic is left since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC: its spend limit is reached or its credit is used up\. The gateway tests every 15 minutes whether that is over\. Ask the person who runs this gateway\. \(closed gate: credential:anthropic; moltbot request mbr_\w+\)$/,
    );
    expect(said).not.toMatch(/moltbot (models|resume|agents|onboard)/);
  });

  it('is told of once when it begins and once when money came, which it notices within 15 minutes', async () => {
    await using gateway = await TestGateway.start({ profiles: BOTH, script: { rules: [unpaid({ first: 2 })] } });
    await refusedBy(gateway);
    await vi.waitFor(() => expect(limits(gateway)).toMatchObject([PAUSED]), WAIT);
    const [begun] = alerts(gateway);
    const { sinceMs, nextTestAtMs } = limits(gateway)[0]!;
    expect(begun).toMatchObject({
      kind: 'agent.provider_spend_limit',
      subject: 'main at anthropic',
      text: expect.stringMatching(
        /^Agent "main" is paused\. No profile of anthropic is left: .* 402 billing_error, at /,
      ),
      detail: {
        ...PAUSED,
        sinceMs,
        nextTestAtMs,
        httpStatus: 402,
        errorType: 'billing_error',
        profiles: ['anthropic:first', 'anthropic:second'],
      },
    });
    expect(nextTestAtMs - Math.min(...gateway.health.list().map((state) => state.sinceMs))).toBe(15 * MINUTE);
    gateway.move(15 * MINUTE);
    await vi.waitFor(() => expect(limits(gateway)).toEqual([]), WAIT);
    expect(alerts(gateway).map(({ kind }) => kind)).toEqual([
      'agent.provider_spend_limit_over',
      'agent.provider_spend_limit',
    ]);
    expect((await gateway.post()).status).toBe(200);
  });

  it('stays so over a restart, without being told of again, and keeps the rhythm of the tests', async () => {
    const before = await TestGateway.start({ profiles: ['first'], script: { rules: [unpaid()] }, standsAtMs: 1e12 });
    await refusedBy(before);
    before.move(15 * MINUTE);
    const retests = () => new RetestStore(before.database).list();
    const refused = {
      verdict: 'valid_unusable',
      httpStatus: 402,
      errorType: 'billing_error',
      askedAtMs: null,
    } as const;
    const tested = [{ ...refused, agentId: 'main', profileId: 'anthropic:first', testedAtMs: 1e12 + 15 * MINUTE }];
    await vi.waitFor(() => expect(retests()).toEqual(tested), WAIT);
    const known = limits(before);
    const { home, simulator, vault } = before;
    await before.stop();

    await using gateway = await TestGateway.start({ home, simulator, vault, standsAtMs: 1e12 + 16 * MINUTE });
    simulator.forgetRequests();
    expect(limits(gateway)).toEqual([{ ...known[0], nextTestAtMs: 1e12 + 30 * MINUTE, lastAnswer: expect.anything() }]);
    expect(limits(gateway)[0]!.lastAnswer).toEqual({
      atMs: 1e12 + 15 * MINUTE,
      httpStatus: 402,
      errorType: 'billing_error',
    });
    await refusedBy(gateway);
    await new Promise((resolve) => setTimeout(resolve, 1_300));
    expect([gateway.served(), alerts(gateway).length]).toEqual([[], 1]);
    simulator.setScript({});
    gateway.move(14 * MINUTE);
    await vi.waitFor(() => expect(gateway.states()).toEqual([]), WAIT);
    expect((await gateway.post()).status).toBe(200);
  });

  it('is tested at once when a person asks, also while another profile serves, and once for each time', async () => {
    await using gateway = await TestGateway.start({
      profiles: BOTH,
      script: { rules: [unpaid({ credential: 'first', first: 2 })] },
      config: { auth: { order: { anthropic: ['anthropic:first', 'anthropic:second'] } } },
    });
    const retests = new RetestStore(gateway.database);
    expect((await gateway.post()).status).toBe(200);
    retests.ask('main', 'anthropic:first', gateway.now());
    await vi.waitFor(() => expect(retests.list()).toMatchObject([{ askedAtMs: null, httpStatus: 402 }]), WAIT);
    expect(gateway.served()).toEqual(['first 402', 'second 200', 'first 402']);
    retests.ask('main', 'anthropic:first', gateway.now());
    await vi.waitFor(() => expect(gateway.states()).toEqual([]), WAIT);
    expect(gateway.served()).toEqual(['first 402', 'second 200', 'first 402', 'first 200']);
  });

  it('is another that was lent the profile: its owner has more, and the test is made for the one who has not', async () => {
    await using gateway = await TestGateway.start({
      profiles: BOTH,
      script: { rules: [unpaid({ credential: 'first', first: 1 })] },
    });
    const token = tokenOf(gateway, 'reviewer');
    const by = { createdAtMs: gateway.now(), createdBy: tester(gateway).actor };
    const grant = { ownerAgentId: 'main', profileId: 'anthropic:first', agentId: 'reviewer' };
    new GrantStore(gateway.database).put({ ...grant, models: null, requestsPerMinute: null, ...by });
    await refusedBy(gateway, token);
    const reviewer = { agentId: 'reviewer', provider: 'anthropic', profileIds: ['main/anthropic:first'] };
    await vi.waitFor(() => expect(limits(gateway)).toMatchObject([reviewer]), WAIT);
    expect((await gateway.post()).status).toBe(200);
    gateway.move(15 * MINUTE);
    await vi.waitFor(() => expect(limits(gateway)).toEqual([]), WAIT);
    expect((await gateway.post({ token: tokenOf(gateway, 'reviewer') })).status).toBe(200);
  });

  it('is not paused for a provider that its default model does not need', async () => {
    await using gateway = await TestGateway.start({
      profiles: ['first'],
      script: { rules: [unpaid()] },
      config: { agents: { defaults: { model: { primary: 'xai/grok-4-fast' } } } },
    });
    await refusedBy(gateway);
    await new Promise((resolve) => setTimeout(resolve, 1_300));
    expect([gateway.states(), limits(gateway), alerts(gateway)]).toEqual([['anthropic:first billing'], [], []]);
  });
});

const MODELS = { anthropic: SMALL.model, openai: 'gpt-5', xai: 'grok-4-fast' } as const;
const XAI_SPENT =
  'Your team 0a-1b has either used all available credits or reached its monthly spending limit. To continue making API requests, please purchase more credits or raise your spending limit.';
const XAI_NEW =
  "Your newly created team doesn't have any credits or licenses yet. You can purchase those at the console.";
const XAI_NEW_TEAMS = "Your newly created teams doesn't have any credits yet. You can purchase credits at the console.";
const CREDIT = 'Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing.';
const LIMITS = 'You have reached your specified API usage limits. You will regain access on 2099-12-01 at 00:00 UTC.';
const denied = (message: string) => ({ error: 'permission', status: 403, message, shape: 'code-and-text' });

const TEXTS: readonly [Family, string, object][] = [
  ['anthropic', '429 enforced_spend_limit_reached', { error: 'rate_limit', details: 'enforced_spend_limit_reached' }],
  ['anthropic', '429 contract_spend_limit_reached', { error: 'rate_limit', details: 'contract_spend_limit_reached' }],
  [
    'anthropic',
    '402 linked_organization_spend_limit_reached',
    { error: 'billing', details: 'linked_organization_spend_limit_reached' },
  ],
  ['anthropic', '402 without details', { error: 'billing', details: '' }],
  ['anthropic', '400 organization_on_hold', { error: 'invalid_request', details: 'organization_on_hold' }],
  ['anthropic', '400 credit balance', { error: 'invalid_request', message: CREDIT }],
  ['anthropic', '400 specified usage limits', { error: 'invalid_request', message: LIMITS }],
  ['openai', '429 insufficient_quota', { error: 'insufficient_quota' }],
  ['openai', '400 billing_hard_limit_reached', { error: 'invalid_request', code: 'billing_hard_limit_reached' }],
  ['openai', '429 billing_hard_limit_reached', { error: 'rate_limit', code: 'billing_hard_limit_reached' }],
  ['openai', '429 billing_not_active', { error: 'rate_limit', code: 'billing_not_active' }],
  ['xai', '429 of a spent team', { error: 'rate_limit', message: XAI_SPENT, shape: 'code-and-text' }],
  ['xai', '429 of a spent team, as text', { error: 'rate_limit', message: XAI_SPENT, shape: 'text' }],
  ['xai', '403 of a spent team', denied(XAI_SPENT)],
  ['xai', '403 of a new team', denied(XAI_NEW)],
  ['xai', '403 of a new team, in its older words', denied(XAI_NEW_TEAMS)],
  ['xai', '403 of a plan without credits', denied('You have run out of credits or need a Grok subscription.')],
];

describe('what providers say at their spend limits', () => {
  it.each(TEXTS)('%s: %s pauses the agent', async (provider, _what, error) => {
    await using gateway = await TestGateway.start({
      profiles: [{ name: 'first', provider }],
      script: { rules: [{ fail: { kind: 'error', ...error } as never }] },
    });
    const route = provider === 'anthropic' ? 'v1/messages' : 'v1/chat/completions';
    const response = await gateway.post({ path: `${provider}/${route}`, body: { ...SMALL, model: MODELS[provider] } });
    expect([response.status, response.headers.get('x-should-retry'), response.headers.get('x-moltbot-error')]).toEqual([
      provider === 'anthropic' ? 402 : 429,
      'false',
      'PROFILES_OUT_OF_CREDIT',
    ]);
    const { error: told } = (await response.json()) as { error: { type: string; message: string } };
    expect(told.type).toBe(provider === 'anthropic' ? 'billing_error' : 'insufficient_quota');
    expect(told.message).toContain(`No profile of ${provider} is left since `);
    expect(gateway.states()).toEqual([`${provider}:first billing`]);
    await vi.waitFor(() => expect(limits(gateway)).toMatchObject([{ agentId: 'main', provider }]), WAIT);
  });

  it('is something else where it only asks to go slower', async () => {
    await using gateway = await TestGateway.start({
      profiles: ['first'],
      script: { rules: [{ fail: { kind: 'error', error: 'rate_limit', details: 'ramp_limit_exceeded' } }] },
    });
    expect((await gateway.post()).status).toBe(429);
    expect(gateway.states()).toEqual(['anthropic:first rate_limit claude-haiku-4-5']);
  });
});

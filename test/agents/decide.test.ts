import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { refusalOf, type Standing, type Wish } from '../../src/agents/decide.ts';
import { narrowest } from '../../src/agents/narrowest.ts';
import { type Policy, ROUTE_NAMES } from '../../src/agents/policy.ts';

const NOW_MS = 1_800_000_000_000;
const ASKS: Wish = { providerId: 'anthropic', purpose: 'generate', models: ['claude-haiku-4-5'], startsWork: true };

function standing(policy: Policy = {}, token?: { providers?: readonly string[] | null; policy?: Policy }): Standing {
  return {
    agent: { id: 'reviewer', expiresAtMs: null, policy },
    pause: undefined,
    token: token && { providers: token.providers ?? null, policy: token.policy ?? {} },
  };
}

function paused(agentId: string, reason = 'too many requests'): Standing {
  const pause = { agentId, cause: 'person', reason, sinceMs: NOW_MS, by: 'person:ada' } as const;
  return { ...standing({}, {}), pause };
}

const decided = (who: Standing, wish: Partial<Wish> = {}, nowMs = NOW_MS) => {
  const refused = refusalOf(who, { ...ASKS, ...wish }, nowMs);
  return refused && [refused.code, refused.gate];
};
const HAIKU: Policy = { models: ['anthropic/claude-haiku-4-5'] };
const NO_MODEL = ['MODEL_NOT_ALLOWED', 'model'];
const NO_ROUTE = ['ROUTE_NOT_ALLOWED', 'route'];

describe('what an agent may do', () => {
  it('is everything where nothing is limited', () => {
    expect(decided(standing())).toBeUndefined();
    expect(decided(standing({}, {}))).toBeUndefined();
  });

  it('ends at its expiry, not after it', () => {
    const agent = { id: 'reviewer', expiresAtMs: NOW_MS, policy: {} };
    expect(decided({ agent, pause: undefined }, {}, NOW_MS - 1)).toBeUndefined();
    expect(decided({ agent, pause: undefined })).toEqual(['AGENT_EXPIRED', 'agent']);
  });

  it('is nothing while it, or everything, is paused; the text shows no command', () => {
    for (const who of [paused('reviewer'), paused('*')]) {
      expect(decided(who)).toEqual(['AGENT_PAUSED', 'agent']);
      expect(refusalOf(who, ASKS, NOW_MS)!.hint).toBe('Ask the person who runs this gateway.');
    }
    const refused = refusalOf(paused('reviewer', 'a\u001b[2Jb\nc'), ASKS, NOW_MS)!;
    expect(refused.message).toBe('Agent "reviewer" is paused by a person: a\\u{1b}[2Jb\\u{a}c.');
  });

  it.each<[string, Standing, Partial<Wish>, string[] | undefined]>([
    ['its list of providers', standing({ providers: ['xai'] }), {}, ['PROVIDER_NOT_ALLOWED', 'provider:anthropic']],
    [
      'an empty list, which allows nothing',
      standing({ providers: [] }),
      {},
      ['PROVIDER_NOT_ALLOWED', 'provider:anthropic'],
    ],
    ['the token’s providers', standing({}, { providers: ['xai'] }), {}, ['PROVIDER_NOT_ALLOWED', 'provider:anthropic']],
    [
      'the token’s policy',
      standing({}, { policy: { providers: [] } }),
      {},
      ['PROVIDER_NOT_ALLOWED', 'provider:anthropic'],
    ],
    ['its routes', standing({ routes: ['count'] }), {}, NO_ROUTE],
    ['the token’s routes', standing({}, { policy: { routes: [] } }), {}, NO_ROUTE],
    ['its routes, but not a list of models', standing({ routes: [] }), { purpose: 'models', models: [] }, undefined],
    ['its models', standing(HAIKU), { models: ['claude-opus-4-5'] }, NO_MODEL],
    [
      'the token’s models, though the agent’s allow it',
      standing({}, { policy: HAIKU }),
      { models: ['claude-opus-4-5'] },
      NO_MODEL,
    ],
    ['its models: an allowed one passes', standing(HAIKU, { policy: HAIKU }), {}, undefined],
    [
      'its models in another spelling',
      standing({ models: ['anthropic/claude-haiku-4.5'] }),
      { models: ['claude-haiku-4-5-20251001'] },
      undefined,
    ],
    ['all of a provider', standing({ models: ['anthropic/*'] }), { models: ['anything'] }, undefined],
    ['all of another provider', standing({ models: ['xai/*'] }), {}, NO_MODEL],
    [
      'every named model, not the first alone',
      standing(HAIKU),
      { models: ['claude-haiku-4-5', 'claude-opus-4-5'] },
      NO_MODEL,
    ],
    ['a model in an alien case is the same one', standing(HAIKU), { models: ['Claude-Haiku-4-5[1m]'] }, undefined],
    ['a model with a space', standing(HAIKU), { models: [' claude-haiku-4-5'] }, NO_MODEL],
    ['a look-alike letter', standing(HAIKU), { models: ['claude-hаiku-4-5'] }, NO_MODEL],
    ['a list entry without a provider allows nothing', standing({ models: ['claude-haiku-4-5'] }), {}, NO_MODEL],
    ['no model where one belongs', standing(HAIKU), { models: [] }, NO_MODEL],
    ['no model while it is not known yet', standing(HAIKU), { models: undefined }, undefined],
    ['a file for a batch', standing(HAIKU), { purpose: 'files', models: [] }, NO_ROUTE],
    ['a batch in a file', standing(HAIKU), { purpose: 'batches', models: [] }, NO_ROUTE],
    [
      'a batch in a file, with its route named',
      standing({ ...HAIKU, routes: ['batches'] }),
      { purpose: 'batches', models: [] },
      undefined,
    ],
    ['a route nobody knows', standing(HAIKU), { purpose: 'other', models: [] }, NO_ROUTE],
    ['looking at what there is', standing(HAIKU), { purpose: 'batches', models: [], startsWork: false }, undefined],
    ['a stored answer', standing(HAIKU), { purpose: 'responses', models: [], startsWork: false }, undefined],
    [
      'a limited token naming routes its agent does not: they are the agent’s to name',
      standing(HAIKU, { policy: { routes: ['files'] } }),
      { purpose: 'files', models: [] },
      NO_ROUTE,
    ],
  ])('goes by %s', (_what, who, wish, expected) => {
    expect(decided(who, wish)).toEqual(expected);
  });
});

const names = <T>(...all: T[]) => fc.option(fc.uniqueArray(fc.constantFrom(...all)), { nil: undefined });
const policies = fc
  .record({
    providers: names('anthropic', 'openai', 'xai'),
    models: names('anthropic/*', 'anthropic/claude-haiku-4-5', 'anthropic/claude-opus-4-5', 'openai/gpt-5', 'xai/*'),
    routes: names(...ROUTE_NAMES),
  })
  .map((policy) => Object.fromEntries(Object.entries(policy).filter(([, list]) => list !== undefined)) as Policy);
const wishes = fc.record({
  providerId: fc.constantFrom('anthropic', 'openai', 'xai'),
  purpose: fc.constantFrom(...ROUTE_NAMES),
  models: fc.uniqueArray(fc.constantFrom('claude-haiku-4-5', 'claude-opus-4-5', 'gpt-5', 'grok-4-fast', '')),
  startsWork: fc.boolean(),
});

describe('any two policies', () => {
  it('allow together only what each allows: a token never widens', () => {
    fc.assert(
      fc.property(policies, policies, wishes, (agents, tokens, wish) => {
        const together = decided(standing(agents, { policy: tokens }), wish) === undefined;
        const each = [agents, tokens].every((policy) => decided(standing(policy), wish) === undefined);
        expect(together).toBe(each);
      }),
    );
  });

  it('allow no more when an entry is taken away', () => {
    fc.assert(
      fc.property(policies, wishes, fc.constantFrom('providers', 'models', 'routes'), (policy, wish, list) => {
        const entries = policy[list];
        if (!entries || decided(standing(policy), wish) === undefined) return;
        for (let at = 0; at < entries.length; at++) {
          const fewer = { ...policy, [list]: entries.filter((_, index) => index !== at) } as Policy;
          expect(decided(standing(fewer), wish)).toBeDefined();
        }
      }),
    );
  });

  it('are shown as one that allows a named model exactly when both do', () => {
    fc.assert(
      fc.property(policies, policies, wishes, (a, b, wish) => {
        if (wish.models.length === 0) return;
        const shown = decided(standing(narrowest(a, b)), wish) === undefined;
        expect(shown).toBe(decided(standing(a, { policy: b }), wish) === undefined);
      }),
    );
  });
});

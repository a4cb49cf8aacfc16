import type { ScriptInput } from './script-schema.ts';

const TWO_KEYS: ScriptInput['keys'] = [
  { provider: 'anthropic', name: 'first' },
  { provider: 'anthropic', name: 'second' },
  { provider: 'anthropic', name: 'subscription', type: 'token' },
  { provider: 'xai', name: 'first' },
  { provider: 'openai', name: 'first' },
];

/** Outages worth rehearsing, by name. Each is a script that a person could have written. */
export const SCENARIOS = {
  healthy: { keys: TWO_KEYS },
  'rate-limited-first': {
    keys: TWO_KEYS,
    rules: [
      {
        credential: 'first',
        provider: 'anthropic',
        fail: { kind: 'error', error: 'rate_limit', resets: [{ style: 'retry-after', seconds: 120 }] },
      },
    ],
  },
  'out-of-credit-first': {
    keys: TWO_KEYS,
    rules: [{ credential: 'first', provider: 'anthropic', fail: { kind: 'error', error: 'credit_too_low' } }],
  },
  'revoked-first': {
    keys: TWO_KEYS,
    rules: [{ credential: 'first', provider: 'anthropic', fail: { kind: 'error', error: 'authentication' } }],
  },
  'subscription-limit': {
    keys: TWO_KEYS,
    rules: [
      {
        credential: 'subscription',
        fail: { kind: 'error', error: 'rate_limit', resets: [{ style: 'unified-five-hour', seconds: 7200 }] },
      },
    ],
  },
  overloaded: { keys: TWO_KEYS, rules: [{ fail: { kind: 'error', error: 'overloaded' } }] },
  'broken-streams': {
    keys: TWO_KEYS,
    rules: [{ stream: true, every: 2, fail: { kind: 'truncate', afterEvents: 4 } }],
  },
  'bad-day': {
    seed: 2026,
    keys: TWO_KEYS,
    rules: [
      { probability: 0.1, fail: { kind: 'error', error: 'overloaded' } },
      {
        probability: 0.1,
        fail: { kind: 'error', error: 'rate_limit', resets: [{ style: 'retry-after', seconds: 20 }] },
      },
      { probability: 0.05, fail: { kind: 'reset' } },
      { probability: 0.05, stream: true, fail: { kind: 'reset', afterEvents: 4 } },
      { probability: 0.2, pacing: { firstByteMs: 3000 } },
    ],
  },
} satisfies Record<string, ScriptInput>;

export type ScenarioName = keyof typeof SCENARIOS;

export function isScenario(name: string): name is ScenarioName {
  return Object.hasOwn(SCENARIOS, name);
}

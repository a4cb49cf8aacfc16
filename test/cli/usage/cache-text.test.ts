import { describe, expect, it } from 'vitest';
import { cacheCsv, cacheText } from '../../../src/cli/usage/cache-text.ts';
import type { CacheReplaySums } from '../../../src/ledger/cache-advice/cache-verdict.ts';

const bill = (cacheReadTokens: number, cacheWriteTokens: number, costNanoUsd: number) => ({
  cacheReadTokens,
  cacheWriteTokens,
  costNanoUsd,
});
const HAIKU: CacheReplaySums = {
  model: 'anthropic/claude-haiku-4-5',
  requests: 1_234,
  known: 60,
  sessions: 6,
  cost: bill(0, 7_000, 9_000_000),
  bills: { '5m': bill(0, 7_000, 9_000_000), '1h': bill(5_000, 2_000, 4_500_000) },
  unpriced: 0,
};
const OPUS: CacheReplaySums = {
  ...HAIKU,
  model: 'anthropic/claude-opus-4-5',
  requests: 12,
  known: 9,
  sessions: 2,
  unpriced: 1,
};

const COMMAND = `moltbot config set 'agents.defaults.models["anthropic/claude-haiku-4-5"].params.cacheControlTtl'`;

describe('the two bills as text', () => {
  it('stand side by side, with the verdict and what to type', () => {
    expect(cacheText([HAIKU, OPUS], () => null).split('\n')).toEqual([
      'MODEL                       REQUESTS  SESSIONS  READ  WRITTEN  DID COST   WITH 5 M   WITH 1 H   CHEAPER',
      'anthropic/claude-haiku-4-5  1,234     6         0     7,000    $0.009000  $0.009000  $0.004500  1h, by $0.004500',
      'anthropic/claude-opus-4-5   12        2         0     7,000    $0.009000  $0.009000  $0.004500  not enough data: 9 of 50 requests that go on from another, 2 of 5 sessions',
      `Set it for anthropic/claude-haiku-4-5: ${COMMAND} 1h`,
      `Or let the gateway choose: ${COMMAND} auto`,
      '1 request without a known price: in no figure.',
    ]);
  });

  it.each([
    ['1h', 0],
    ['auto', 0],
    ['5m', 2],
    [null, 2],
  ] as const)('with %s set have %i lines of what to type', (setting, lines) => {
    expect(cacheText([HAIKU], () => setting).split('\n').length).toBe(2 + lines);
  });

  it('ask for nothing where 5 minutes are cheaper and nothing is set, and for them where an hour is', () => {
    const swapped = { ...HAIKU, bills: { '5m': HAIKU.bills['1h'], '1h': HAIKU.bills['5m'] } };
    expect(cacheText([swapped], () => null)).not.toContain('config set');
    expect(cacheText([swapped], () => '1h')).toContain(`${COMMAND} 5m`);
  });

  it('make no command of a name that a shell would read otherwise', () => {
    expect(cacheText([{ ...HAIKU, model: `own/x'; rm -rf ~ #` }], () => null)).not.toContain('config set');
  });

  it('are a table for spreadsheets, in which no name is a formula', () => {
    expect(cacheCsv([HAIKU, { ...OPUS, model: '=cmd/a,b' }])).toBe(
      'model,cheaper,requests,known,sessions,unpriced,was.cacheReadTokens,was.cacheWriteTokens,was.costNanoUsd,with5m.cacheReadTokens,with5m.cacheWriteTokens,with5m.costNanoUsd,with1h.cacheReadTokens,with1h.cacheWriteTokens,with1h.costNanoUsd\r\n' +
        'anthropic/claude-haiku-4-5,1h,1234,60,6,0,0,7000,9000000,0,7000,9000000,5000,2000,4500000\r\n' +
        `"'=cmd/a,b",,12,9,2,1,0,7000,9000000,0,7000,9000000,5000,2000,4500000\r\n`,
    );
  });
});

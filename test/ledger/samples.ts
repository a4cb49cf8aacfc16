import type { Admission, Booking } from '../../src/ledger/ledger-row.ts';

export function admission(n = 1): Admission {
  return {
    requestId: `mbr_${n}`,
    attempt: 1,
    admittedAtMs: 1_000 + n,
    agentId: 'main',
    accessor: 'acc_1',
    session: 's',
    profileAgentId: 'main',
    profileId: 'anthropic:work',
    provider: 'anthropic',
    route: 'messages',
    modelAsked: 'claude-haiku-4-5',
    modelServed: 'claude-haiku-4-5',
    isStream: false,
    labels: '{"project":"web"}',
    isSubscription: false,
    tokenLabel: 'ci',
    reservedNanoUsd: null,
    reservedTokens: null,
    boundNanoUsd: null,
    boundTokens: null,
  };
}

/** 10 × 1,000 + 2 × 5,000 nano-dollars. */
export const BOOKING: Booking = {
  usageState: 'reported',
  inputTokens: 10,
  cacheReadTokens: 0,
  cacheWrite5mTokens: 0,
  cacheWrite1hTokens: 0,
  outputTokens: 2,
  reasoningTokens: 0,
  webSearches: 0,
  serviceTier: 'standard',
  inferenceGeo: null,
  speed: null,
  costTicks: null,
  costNanoUsd: 20_000,
  priceVersion: '2026-11/anthropic/claude-haiku-4-5/1',
};

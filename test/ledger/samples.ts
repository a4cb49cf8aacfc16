import type { Admission } from '../../src/ledger/ledger-row.ts';

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
  };
}

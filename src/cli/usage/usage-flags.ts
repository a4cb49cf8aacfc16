import { Flags } from '@oclif/core';

/** What every report on the ledger takes. */
export const usageFlags = {
  agent: Flags.string({ char: 'a', description: 'only what this agent used' }),
  since: Flags.string({
    description: 'how far back (24h, 7d, 30d), or a time such as 2026-11-20T09:00Z',
    default: '30d',
  }),
  csv: Flags.boolean({ description: 'as comma-separated values', exclusive: ['json'] }),
};

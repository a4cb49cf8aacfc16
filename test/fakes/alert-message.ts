import type { AlertMessage } from '../../src/alerts/alert-message.ts';

/** An alert as ways get it. */
export const MESSAGE: AlertMessage = {
  schemaVersion: 1,
  id: 'alt_0123456789abcdef0123',
  kind: 'budget.threshold',
  at: '2026-11-20T15:40:00.000Z',
  atMs: 1_795_189_200_000,
  subject: 'main-daily at 80 %',
  text: 'Budget "main-daily" has spent 80 %: $4.00 of $5.00. It resets at 2026-11-21 00:00:00 UTC.',
  detail: {
    budget: 'main-daily',
    unit: 'nanoUsd',
    spent: 4_000_000_000,
    amount: 5_000_000_000,
    per: 'day',
    isHard: false,
    windowEndsAtMs: 1_795_219_200_000,
  },
  host: 'build-host',
  gatewayUrl: 'http://127.0.0.1:8400',
};

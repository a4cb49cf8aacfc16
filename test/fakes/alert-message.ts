import type { AlertMessage } from '../../src/alerts/alert-message.ts';

/** An alert as ways get it. */
export const MESSAGE: AlertMessage = {
  schemaVersion: 1,
  id: 'alt_0123456789abcdef0123',
  kind: 'budget.threshold',
  at: '2026-11-20T15:40:00.000Z',
  atMs: 1_795_189_200_000,
  subject: 'budget main-daily at 80 %',
  text: '80 % of the budget "main-daily" is spent.',
  detail: { budget: 'main-daily', spentUsd: 4, amountUsd: 5 },
  host: 'build-host',
  gatewayUrl: 'http://127.0.0.1:8400',
};

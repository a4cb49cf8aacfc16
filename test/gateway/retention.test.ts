import { expect, it, vi } from 'vitest';
import { AuditLog } from '../../src/audit/audit-log.ts';
import { DAY_MS } from '../../src/core/time.ts';
import { LedgerStore } from '../../src/ledger/ledger-store.ts';
import { usageReport } from '../../src/ledger/usage-report.ts';
import { verifyLedger } from '../../src/ledger/verify-ledger.ts';
import { SMALL, TestGateway } from '../fakes/test-gateway.ts';

const NOW = Date.UTC(2026, 10, 21, 12);

it('lets rows go that are older than ledger.retentionDays, says so, and keeps their sums', async () => {
  const first = await TestGateway.start({ profiles: ['first'], standsAtMs: NOW });
  for (let n = 0; n < 3; n++)
    expect((await first.post({ path: 'anthropic/v1/messages', body: SMALL })).status).toBe(200);
  const before = usageReport(first.database, { sinceMs: 0, nowMs: NOW, by: 'agent' });
  expect(before.simulated).toBe(3);
  await first.stop();
  await using second = await TestGateway.start({
    home: first.home,
    simulator: first.simulator,
    vault: first.vault,
    config: { ledger: { retentionDays: 35 } },
    standsAtMs: NOW + 35 * DAY_MS + 1,
  });
  const left = () => new LedgerStore(second.database).after({ limit: 10 }).map(({ id }) => id);
  await vi.waitFor(() => expect(left()).toEqual([3]), 5_000);
  expect(verifyLedger(second.database)).toMatchObject({ completed: 3, pruned: 2, anchored: 3, fault: undefined });
  expect(usageReport(second.database, { sinceMs: 0, nowMs: NOW, by: 'agent' })).toEqual(before);
  expect(new AuditLog(second.database).newestOf('ledger.pruned')).toMatchObject({
    actor: 'gateway',
    subject: '1-2',
    detail: { beforeAtMs: NOW + 1 },
  });
});

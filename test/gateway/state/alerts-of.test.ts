import { expect, it } from 'vitest';
import { AlertStore } from '../../../src/alerts/alert-store.ts';
import { alertsOf } from '../../../src/gateway/state/alerts-of.ts';
import { TestGateway } from '../../fakes/test-gateway.ts';

it('the alerts of a gateway are found after a restart', async () => {
  await using world = await TestGateway.start();
  const { dependencies, url, database } = world;
  const { alerts: store } = dependencies.app.gatewayStores();
  const alerts = alertsOf(dependencies, { store, persist: (write) => write(), gatewayUrl: () => url });
  const alert = {
    kind: 'profile.disabled',
    atMs: world.now(),
    subject: 'profile main/anthropic:first',
    text: 'The profile main/anthropic:first is disabled: its provider says that there is no credit left.',
    detail: { agentId: 'main', profileId: 'anthropic:first', reason: 'billing' },
  } as const;
  alerts.tell(alert);
  await alerts.close();
  expect(new AlertStore(database).newest({ limit: 9 })).toEqual([{ ...alert, seq: 1, id: expect.any(String) }]);
  expect(world.logLines.filter((line) => line.includes(alert.text))).toHaveLength(1);
});

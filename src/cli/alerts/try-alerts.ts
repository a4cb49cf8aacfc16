import { messageOf } from '../../alerts/alert-message.ts';
import type { WayName } from '../../alerts/alert-way.ts';
import { sendOver, waysOf } from '../../alerts/ways-of.ts';
import type { App } from '../../app.ts';
import { readRunningGateway } from '../../gateway/gateway-file.ts';

export interface TriedWay {
  readonly way: WayName;
  readonly ok: boolean;
  /** What came of it; no secret is in it. */
  readonly said: string;
}

/** Sends one test alert over every configured way at the same time, and keeps nothing of it. */
export async function tryAlerts(app: App, host: string): Promise<TriedWay[]> {
  const alert = {
    kind: 'test',
    atMs: app.now(),
    subject: 'alerts test',
    text: `This is a test of moltbot's alerts on ${host}.`,
    detail: {},
  } as const;
  const message = messageOf(alert, { host, gatewayUrl: readRunningGateway(app.paths)?.url ?? null });
  const ways = waysOf(app.config().config.alerts, { env: app.env, upstream: app.upstream(), now: app.now });
  const { signal } = new AbortController();
  return Promise.all(
    ways.map(async (way) => {
      const { ok, said } = await sendOver(way, message, signal);
      return { way: way.name, ok, said };
    }),
  );
}

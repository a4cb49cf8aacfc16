import * as v from 'valibot';
import { headerOf } from '../../gateway/headers/raw-headers.ts';
import { isStillAllowed } from '../server/authenticate.ts';
import { InvalidFieldsError } from '../server/check-input.ts';
import { route } from '../server/route.ts';

/** What programs watch: counts for Prometheus, and what happens as it happens. */
export const observingRoutes = [
  route({
    method: 'GET',
    path: '/metrics',
    summary: 'Give the counts of the proxy as Prometheus reads them.',
    role: 'admin',
    mediaType: 'text/plain',
    answers: { 200: v.string() },
    async handle({ management: { gateway, now }, reply }) {
      // Loaded when it is first asked for: most gateways are never scraped.
      const { METRICS_TYPE, metricsText } = await import('../metrics/metrics-text.ts');
      return reply(200, await metricsText(gateway, now()), { 'content-type': METRICS_TYPE });
    },
  }),
  route({
    method: 'GET',
    path: '/events',
    summary:
      'Tell of audit rows, used-up budgets, alerts, unusable profiles, pauses by a spend limit and reloads as they come; with Last-Event-ID from the row after that one.',
    role: 'admin',
    mediaType: 'text/event-stream',
    answers: { 200: v.string() },
    errors: [429],
    handle({ management, caller, headers }) {
      const afterSeq = lastEventId(headerOf(headers, 'last-event-id'));
      return { status: 200, stream: management.events.open(afterSeq, () => isStillAllowed(management, caller)) };
    },
  }),
];

function lastEventId(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^(0|[1-9]\d{0,14})$/.test(text)) return Number(text);
  throw new InvalidFieldsError([
    { loc: ['header', 'last-event-id'], msg: 'Expected the id of an event', type: 'regex' },
  ]);
}

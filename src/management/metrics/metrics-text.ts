import { Counter, Gauge, Registry } from 'prom-client';
import { VERSION } from '../../core/version.ts';
import type { RunningGateway } from '../../gateway/gateway.ts';
import type { Tally } from '../../gateway/state/tally.ts';
import { CountedHistogram } from './counted-histogram.ts';

export type MeasuredGateway = Pick<RunningGateway, 'counters' | 'openRequests'>;

/** The type of the text: Prometheus' exposition format, version 0.0.4. */
export const METRICS_TYPE = Registry.PROMETHEUS_CONTENT_TYPE;

/**
 * What a Prometheus server scrapes. Labels are provider ids, our own codes and closed sets of words; times are seconds,
 * as Prometheus wants them. The registry is made anew for each scrape: the gateway keeps the counts.
 */
export function metricsText(gateway: MeasuredGateway, nowMs: number): Promise<string> {
  const registry = new Registry();
  addCounts(registry, gateway);
  addTimes(registry, gateway);
  addProcess(registry, gateway, nowMs);
  return registry.metrics();
}

function addCounts(registry: Registry, { counters, openRequests }: MeasuredGateway): void {
  const count = (name: string, help: string, tally: Tally) => {
    const counter = new Counter({ name, help, labelNames: tally.names, registers: [registry] });
    for (const { labels, count } of tally.list()) counter.inc({ ...labels }, count);
  };
  count('moltbot_requests_total', 'Requests that reached a provider, once they are over.', counters.requests);
  count('moltbot_refusals_total', 'Answers of the gateway in place of a provider, by error code.', counters.refusals);
  count('moltbot_authentication_failures_total', 'Requests without a valid token.', counters.authenticationFailures);
  count('moltbot_upstream_attempts_total', 'Profiles that were asked, by what their answer meant.', counters.attempts);
  count('moltbot_upstream_retries_total', 'Attempts after the first one of a request.', counters.retries);
  count('moltbot_cooldowns_total', 'Profiles that became unusable for a while or until a test.', counters.cooldowns);
  count('moltbot_sent_bytes_total', 'Bytes of answers sent to clients, heads not counted.', counters.sentBytes);
  gauge(registry, 'moltbot_open_requests', 'Requests being served now.', openRequests());
  gauge(registry, 'moltbot_open_streams', 'Event streams being relayed now.', counters.openStreams);
}

function addTimes(registry: Registry, { counters }: MeasuredGateway): void {
  const { firstByteMs, durationMs, lagMs } = counters;
  const histograms = [
    new CountedHistogram(
      'moltbot_first_byte_seconds',
      "From a request's arrival to the head of its answer, all attempts included.",
      'provider',
      firstByteMs,
    ),
    new CountedHistogram(
      'moltbot_request_duration_seconds',
      "From a request's arrival to the last byte of its answer.",
      'provider',
      durationMs,
    ),
    new CountedHistogram(
      'moltbot_event_loop_lag_seconds',
      'By how much a timer of the gateway came late, looked at four times a second.',
      undefined,
      lagMs,
    ),
  ];
  for (const histogram of histograms) registry.registerMetric(histogram);
}

function addProcess(registry: Registry, { counters }: MeasuredGateway, nowMs: number): void {
  const { rss, heapUsed, external } = process.memoryUsage();
  gauge(registry, 'moltbot_uptime_seconds', 'Since the gateway started.', (nowMs - counters.startedAtMs) / 1_000);
  gauge(registry, 'process_resident_memory_bytes', 'Resident memory.', rss);
  gauge(registry, 'nodejs_heap_size_used_bytes', 'JavaScript heap in use.', heapUsed);
  gauge(registry, 'nodejs_external_memory_bytes', 'Memory of buffers outside of the heap.', external);
  const build = new Gauge({
    name: 'moltbot_build_info',
    help: 'Which moltbot runs.',
    labelNames: ['version'],
    registers: [registry],
  });
  build.set({ version: VERSION }, 1);
}

function gauge(registry: Registry, name: string, help: string, value: number): void {
  new Gauge({ name, help, registers: [registry] }).set(value);
}

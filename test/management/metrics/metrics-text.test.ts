import { describe, expect, it, vi } from 'vitest';
import { Counters } from '../../../src/gateway/state/counters.ts';
import { metricsText } from '../../../src/management/metrics/metrics-text.ts';
import { readMetrics } from '../../fakes/metrics.ts';
import { TestGateway } from '../../fakes/test-gateway.ts';

describe('the text of the metrics', () => {
  it('has type and help of every metric, also of a gateway that did nothing yet', async () => {
    const text = await metricsText({ counters: new Counters(1_000), openRequests: () => 0 }, 61_000);
    const { types, samples } = readMetrics(text);
    expect([...types.keys()].filter((name) => name.startsWith('moltbot_'))).toEqual([
      'moltbot_requests_total',
      'moltbot_refusals_total',
      'moltbot_authentication_failures_total',
      'moltbot_upstream_attempts_total',
      'moltbot_upstream_retries_total',
      'moltbot_cooldowns_total',
      'moltbot_sent_bytes_total',
      'moltbot_open_requests',
      'moltbot_open_streams',
      'moltbot_first_byte_seconds',
      'moltbot_request_duration_seconds',
      'moltbot_event_loop_lag_seconds',
      'moltbot_uptime_seconds',
      'moltbot_build_info',
    ]);
    expect(samples.get('moltbot_uptime_seconds')).toBe(60);
    expect(samples.get('process_resident_memory_bytes')).toBeGreaterThan(1_000_000);
  });

  it('tells histograms in seconds, with buckets that add up to the count', async () => {
    const counters = new Counters(0);
    for (const ms of [40, 400, 400_000, 4_000_000]) counters.durationMs.note('anthropic', ms);
    const { types, samples } = readMetrics(await metricsText({ counters, openRequests: () => 0 }, 0));
    expect(types.get('moltbot_request_duration_seconds')).toBe('histogram');
    const bucket = (le: string) =>
      samples.get(`moltbot_request_duration_seconds_bucket{provider="anthropic",le="${le}"}`);
    expect([bucket('0.05'), bucket('0.5'), bucket('300'), bucket('600'), bucket('+Inf')]).toEqual([1, 2, 2, 3, 4]);
    expect(samples.get('moltbot_request_duration_seconds_sum{provider="anthropic"}')).toBe(4_400.44);
    expect(samples.get('moltbot_request_duration_seconds_count{provider="anthropic"}')).toBe(4);
  });

  it('counts what a real gateway served and refused, and names nobody', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    await (await gateway.post()).text();
    await gateway.post({ token: 'mbt_wrong', path: 'anthropic/v1/messages?secret=canary' });
    await vi.waitFor(() => expect(gateway.gateway.counters.durationMs.list()).toHaveLength(1));
    const text = await metricsText(gateway.gateway, gateway.now());
    const { samples } = readMetrics(text);
    const served = 'provider="anthropic",route="generate",status="2xx",outcome="ok",ending="complete"';
    expect(samples.get(`moltbot_requests_total{${served}}`)).toBe(1);
    expect(samples.get('moltbot_refusals_total{code="TOKEN_REJECTED"}')).toBe(1);
    expect(text).not.toMatch(/mbt_|sk-ant|canary|main|first"/);
  });
});

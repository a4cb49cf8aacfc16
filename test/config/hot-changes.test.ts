import { describe, expect, it } from 'vitest';
import { hotChanges, hotConfig } from '../../src/config/hot-changes.ts';

const before = {
  gateway: { port: 8400, timeouts: { connectMs: 1_000 } },
  models: { providers: { local: { baseUrl: 'http://127.0.0.1:1/v1', auth: 'none' } } },
  auth: { order: { anthropic: ['anthropic:a'] } },
};

describe('hotChanges', () => {
  it('names the smallest parts that differ', () => {
    const after = {
      gateway: { port: 8400, timeouts: { connectMs: 2_000 } },
      models: before.models,
      auth: { order: { anthropic: ['anthropic:b', 'anthropic:a'] } },
      log: { level: 'debug' },
    };
    expect(hotChanges(before, after)).toEqual({
      changed: ['gateway.timeouts.connectMs', 'auth.order.anthropic', 'log.level'],
      needsRestart: [],
    });
  });

  it('is empty when only spelling differs', () => {
    expect(hotChanges(before, structuredClone(before))).toEqual({ changed: [], needsRestart: [] });
  });

  it('takes prices over while running', () => {
    const prices = { 'local/llama': { inputUsdPerMillion: 1, outputUsdPerMillion: 2 } };
    expect(hotChanges({}, { models: { prices } })).toMatchObject({ needsRestart: [] });
    expect(hotConfig({}, { models: { prices } }, {}).config.models.prices).toEqual(prices);
  });

  it.each([
    ['gateway.host', { gateway: { host: '0.0.0.0' } }],
    ['gateway.port', { gateway: { port: 1 } }],
    ['gateway.allowedHosts', { gateway: { allowedHosts: ['box'] } }],
    ['gateway.tls.certFile', { gateway: { tls: { certFile: 'a' } } }],
    ['management.http.port', { management: { http: { port: 1 } } }],
    ['management.socketGroup', { management: { socketGroup: 'ops' } }],
    ['vault.kind', { vault: { kind: 'file' } }],
    ['network.proxyUrl', { network: { proxyUrl: 'http://p' } }],
    ['models.providers.anthropic.baseUrl', { models: { providers: { anthropic: { baseUrl: 'http://x' } } } }],
    ['models.providers.own.allowPrivateNetwork', { models: { providers: { own: { allowPrivateNetwork: true } } } }],
  ])('never takes %s over while running, whether it comes or goes', (path, after) => {
    expect(hotChanges({}, after)).toEqual({ changed: [path], needsRestart: [path] });
    expect(hotChanges(after, {})).toEqual({ changed: [path], needsRestart: [path] });
  });
});

describe('hotConfig', () => {
  it('goes on with the new values, but with the old ones of what needs a restart', () => {
    const after = {
      gateway: { port: 9000, timeouts: { connectMs: 2_000 } },
      models: { providers: { local: { baseUrl: 'http://127.0.0.1:2/v1', auth: 'bearer' } } },
    };
    const { raw, config } = hotConfig(before, after, {});
    expect(raw).toEqual({
      gateway: { port: 8400, timeouts: { connectMs: 2_000 } },
      models: { providers: { local: { baseUrl: 'http://127.0.0.1:1/v1', auth: 'bearer' } } },
    });
    expect([config.gateway.port, config.gateway.timeouts.connectMs, config.auth.order]).toEqual([8400, 2_000, {}]);
  });

  it('withholds a person’s provider that came or went as a whole, and takes over what else changed', () => {
    const own = { models: { providers: { local: { baseUrl: 'http://127.0.0.1:1/v1', auth: 'none' } } } };
    const also = { auth: { maxWaitMs: 5 } };
    const came = hotConfig({}, { ...own, ...also }, {});
    expect([came.config.models.providers, came.config.auth.maxWaitMs]).toEqual([{}, 5]);
    const went = hotConfig(own, { models: { providers: {} }, ...also }, {});
    expect([went.raw.models, went.config.auth.maxWaitMs]).toEqual([own.models, 5]);
    expect(hotConfig(own, also, {}).raw.models).toEqual(own.models);
    expect(hotChanges({}, own).needsRestart).toEqual(['models.providers.local.baseUrl', 'models.providers.local.auth']);
  });

  it('keeps a part that was removed from the file', () => {
    expect(hotConfig({ vault: { kind: 'file' } }, {}, {}).config.vault).toEqual({ kind: 'file' });
  });

  it('changes neither of the two texts it was given', () => {
    const after = { gateway: { port: 1 } };
    hotConfig(before, after, {});
    expect([before.gateway.port, after.gateway.port]).toEqual([8400, 1]);
  });

  it('takes over a reference in the place of one of several words', () => {
    const { config } = hotConfig({}, { log: { level: '${LEVEL}' } }, { LEVEL: 'debug' });
    expect(config.log.level).toBe('debug');
  });
});

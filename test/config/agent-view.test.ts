import { describe, expect, it } from 'vitest';
import {
  authOrderOf,
  featureModelOf,
  mayUseEnvironment,
  modelsOf,
  paramsOf,
  pinOf,
} from '../../src/config/agent-view.ts';
import { configFromText } from '../../src/config/load.ts';
import { resolveModelRef } from '../../src/config/model-ref.ts';

const { config } = configFromText(
  '/m.json',
  `{
    auth: { order: { anthropic: ["anthropic:work"] }, pin: { xai: "xai:only" } },
    agents: {
      defaults: {
        model: { primary: "opus", fallbacks: ["anthropic/claude-haiku-4.5", "xai/grok-4-fast"] },
        models: {
          "anthropic/claude-opus-4.5": { alias: "opus", params: { cacheControlTtl: "1h", temperature: 1, headers: { a: "1", b: "1" } } },
        },
        features: { title: { model: "anthropic/claude-haiku-4-5" } },
      },
      list: [
        {
          id: "reviewer",
          model: { primary: "xai/grok-4-fast" },
          models: { "anthropic/claude-opus-4-5": { params: { temperature: 0, headers: { b: "2" } } } },
          features: { title: { model: "opus" } },
          auth: { order: { anthropic: ["anthropic:review"] }, pin: { xai: "xai:review" }, env: true },
        },
        { id: "alone", model: { fallbacks: [] } },
        { id: "main", auth: { env: false } },
      ],
    },
  }`,
  {},
);
const opus = { provider: 'anthropic', model: 'claude-opus-4-5' };
const haiku = { provider: 'anthropic', model: 'claude-haiku-4-5' };
const grok = { provider: 'xai', model: 'grok-4-fast' };

describe("an agent's models", () => {
  it('are the defaults, with aliases and catalog spellings resolved', () => {
    expect(modelsOf(config, 'main')).toEqual({
      primary: opus,
      fallbacks: [haiku, grok],
      aliases: new Map([['opus', opus]]),
    });
  });

  it('are its own where it has some, part by part', () => {
    expect(modelsOf(config, 'reviewer')).toMatchObject({ primary: grok, fallbacks: [haiku, grok] });
    expect(modelsOf(config, 'alone')).toMatchObject({ primary: opus, fallbacks: [] });
  });

  it('have parameters: its own over the defaults, key by key, under any spelling of the model', () => {
    expect(paramsOf(config, 'main', opus)).toEqual({
      cacheControlTtl: '1h',
      temperature: 1,
      headers: { a: '1', b: '1' },
    });
    expect(paramsOf(config, 'reviewer', opus)).toEqual({
      cacheControlTtl: '1h',
      temperature: 0,
      headers: { a: '1', b: '2' },
    });
    expect(paramsOf(config, 'main', haiku)).toEqual({});
  });

  it('follow the feature', () => {
    expect([featureModelOf(config, 'main', 'title'), featureModelOf(config, 'reviewer', 'title')]).toEqual([
      haiku,
      opus,
    ]);
    expect(featureModelOf(config, 'main', 'other')).toBeUndefined();
  });
});

describe("an agent's auth", () => {
  it('has its own order and pin, else those of all agents, else none', () => {
    expect([authOrderOf(config, 'reviewer', 'anthropic'), pinOf(config, 'reviewer', 'xai')]).toEqual([
      ['anthropic:review'],
      'xai:review',
    ]);
    expect([authOrderOf(config, 'main', 'anthropic'), pinOf(config, 'main', 'xai')]).toEqual([
      ['anthropic:work'],
      'xai:only',
    ]);
    expect([authOrderOf(config, 'main', 'xai'), pinOf(config, 'main', 'anthropic')]).toEqual([undefined, undefined]);
  });

  it('includes the environment for main unless told not to, and for others only when told', () => {
    const plain = configFromText('/m.json', undefined, {}).config;
    expect([mayUseEnvironment(plain, 'main'), mayUseEnvironment(plain, 'other')]).toEqual([true, false]);
    expect([mayUseEnvironment(config, 'main'), mayUseEnvironment(config, 'reviewer')]).toEqual([false, true]);
  });
});

describe('a model ref', () => {
  it.each([
    ['opus', opus],
    ['anthropic/claude-opus-4.5', opus],
    ['anthropic/claude-haiku-4-5-20251001', haiku],
    ['claude-haiku-4.5', haiku],
    ['local/some/model', { provider: 'local', model: 'some/model' }],
    ['nothing', undefined],
    ['/x', undefined],
    ['x/', undefined],
  ])('%s resolves', (text, ref) => {
    expect(resolveModelRef(config, text)).toEqual(ref);
  });
});

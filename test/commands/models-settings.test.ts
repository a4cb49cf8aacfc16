import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import JSON5 from 'json5';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CliHome, cliHome, runCli } from '../fakes/cli.ts';

let home: CliHome;
beforeEach(() => {
  home = cliHome();
});
afterEach(() => home.remove());

const run = (...args: string[]) => runCli(home, args);
const config = () => JSON5.parse(readFileSync(join(home.stateDir, 'moltbot.json'), 'utf8'));

async function json(...args: string[]) {
  return JSON.parse((await run(...args, '--json')).stdout);
}

describe('models set', () => {
  it('writes the canonical ref as the default, and no list of allowed models', async () => {
    expect(await json('models', 'set', 'anthropic/claude-opus-4.5')).toMatchObject({
      changed: true,
      agentId: 'main',
      model: 'anthropic/claude-opus-4-5',
      keys: ['agents.defaults.model.primary'],
    });
    expect(config()).toEqual({ agents: { defaults: { model: { primary: 'anthropic/claude-opus-4-5' } } } });
  });

  it('gives another agent its own, by flag or by MOLTBOT_AGENT', async () => {
    await run('models', 'set', 'xai/grok-4-fast', '--agent', 'reviewer');
    await runCli(home, ['models', 'set', 'xai/grok-4-0709'], { env: { MOLTBOT_AGENT: 'writer' } });
    expect(config()).toEqual({
      agents: {
        list: [
          { id: 'reviewer', model: { primary: 'xai/grok-4-fast' } },
          { id: 'writer', model: { primary: 'xai/grok-4-0709' } },
        ],
      },
    });
  });

  it('chooses the model of a feature', async () => {
    await run('models', 'set', 'anthropic/claude-haiku-4-5', '--feature', 'title');
    expect(config()).toEqual({
      agents: { defaults: { features: { title: { model: 'anthropic/claude-haiku-4-5' } } } },
    });
  });

  it('asks what was meant by a model or provider it does not know, and takes a model with --force', async () => {
    expect(await run('models', 'set', 'anthropic/claude-opus-4-55')).toMatchObject({
      code: 64,
      stderr:
        '"anthropic/claude-opus-4-55" is not a model the catalog knows.\n' +
        'Did you mean anthropic/claude-opus-4-5? Or use it all the same with --force.\n',
    });
    expect(await run('models', 'set', 'anthropc/claude-opus-4-5')).toMatchObject({ code: 64 });
    expect(await run('models', 'set', 'anthropic/claude-opus-4-55', '--force')).toMatchObject({ code: 0 });
    expect(config().agents.defaults.model.primary).toBe('anthropic/claude-opus-4-55');
  });

  it('takes any model of a provider that a person defined', async () => {
    await run(
      'config',
      'set',
      'models.providers.local',
      '{ api: ["openai-chat"], auth: "none", baseUrl: "http://127.0.0.1:1/v1" }',
    );
    expect(await run('models', 'set', 'local/llama')).toMatchObject({ code: 0 });
  });
});

describe('models aliases', () => {
  it('come, serve, replace each other and go', async () => {
    await run('models', 'aliases', 'add', 'opus', 'anthropic/claude-opus-4-5');
    await run('models', 'set', 'opus');
    expect(config().agents.defaults.model.primary).toBe('anthropic/claude-opus-4-5');
    expect(await json('models', 'aliases', 'list')).toEqual({
      schemaVersion: 1,
      items: [{ alias: 'opus', ref: 'anthropic/claude-opus-4-5' }],
    });
    expect(await run('models', 'aliases', 'add', 'opus', 'anthropic/claude-haiku-4-5')).toMatchObject({
      code: 64,
      stderr:
        'The alias opus stands for anthropic/claude-opus-4-5.\nRemove it first: moltbot models aliases remove opus\n',
    });
    expect(await run('models', 'aliases', 'remove', 'opsu')).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('Did you mean opus?'),
    });
    expect(await run('models', 'aliases', 'remove', 'opus')).toMatchObject({ code: 0 });
    expect(await json('models', 'aliases', 'list')).toEqual({ schemaVersion: 1, items: [] });
  });

  it('must be short names', async () => {
    expect(await run('models', 'aliases', 'add', 'a/b', 'anthropic/claude-opus-4-5')).toMatchObject({ code: 64 });
    expect(await run('models', 'aliases', 'add', 'default', 'anthropic/claude-opus-4-5')).toMatchObject({ code: 64 });
  });
});

describe('models fallbacks', () => {
  it('are added in order, removed and cleared', async () => {
    await run('models', 'fallbacks', 'add', 'anthropic/claude-haiku-4-5');
    await run('models', 'fallbacks', 'add', 'xai/grok-4-fast');
    expect(await json('models', 'fallbacks', 'list')).toEqual({
      schemaVersion: 1,
      items: [
        { order: 1, ref: 'anthropic/claude-haiku-4-5' },
        { order: 2, ref: 'xai/grok-4-fast' },
      ],
    });
    expect(await run('models', 'fallbacks', 'add', 'xai/grok-4-fast')).toMatchObject({ code: 64 });
    expect(await json('models', 'fallbacks', 'remove', 'anthropic/claude-haiku-4-5')).toMatchObject({
      fallbacks: ['xai/grok-4-fast'],
    });
    expect(await run('models', 'fallbacks', 'remove', 'anthropic/claude-haiku-4-5')).toMatchObject({ code: 64 });
    await run('models', 'fallbacks', 'clear');
    expect(config().agents.defaults.model.fallbacks).toEqual([]);
  });

  it('of another agent start from those it had by default', async () => {
    await run('models', 'fallbacks', 'add', 'anthropic/claude-haiku-4-5');
    await run('models', 'fallbacks', 'add', 'xai/grok-4-fast', '--agent', 'reviewer');
    expect(config().agents.list).toEqual([
      { id: 'reviewer', model: { fallbacks: ['anthropic/claude-haiku-4-5', 'xai/grok-4-fast'] } },
    ]);
    await run('models', 'fallbacks', 'clear', '--agent', 'reviewer');
    expect(config().agents.list).toEqual([{ id: 'reviewer', model: { fallbacks: [] } }]);
  });
});

describe('models list', () => {
  it('says what to do while no model is chosen', async () => {
    expect((await run('models', 'list')).stdout).toContain('moltbot models set');
  });

  it('lists the models in use, and a provider or everything when asked', async () => {
    await run('models', 'set', 'anthropic/claude-haiku-4-5');
    const refs = async (...args: string[]) =>
      (await json('models', 'list', ...args)).items.map(({ ref }: { ref: string }) => ref);
    expect(await refs()).toEqual(['anthropic/claude-haiku-4-5']);
    expect((await refs('--provider', 'xai')).every((ref: string) => ref.startsWith('xai/'))).toBe(true);
    expect((await refs('--all')).length).toBe(27);
    expect(await run('models', 'list', '--provider', 'xia')).toMatchObject({ code: 64 });
  });

  it('shows limits, use and price', async () => {
    await run('models', 'set', 'anthropic/claude-haiku-4-5');
    expect((await json('models', 'list')).items).toEqual([
      {
        ref: 'anthropic/claude-haiku-4-5',
        displayName: 'Claude Haiku 4.5',
        contextTokens: 200_000,
        maxOutputTokens: 64_000,
        vision: true,
        inputUsdPerMillion: 1,
        outputUsdPerMillion: 5,
        confidence: 'primary',
        price: '$1 in · $5 out per 1M tokens',
        uses: ['default'],
        aliases: [],
      },
    ]);
  });

  it('shows the price that is set in the config, also of a model the catalog does not know', async () => {
    await run('models', 'set', 'anthropic/claude-haiku-4-5');
    const price = '{ inputUsdPerMillion: 0.5, outputUsdPerMillion: 2.25 }';
    for (const model of ['anthropic/claude-haiku-4.5', 'openai/gpt-9']) {
      expect(await run('config', 'set', `models.prices["${model}"]`, price)).toMatchObject({ code: 0 });
    }
    await run('config', 'set', 'agents.defaults.models["openai/gpt-9"].alias', 'gpt9');
    expect((await json('models', 'list')).items).toMatchObject([
      { confidence: 'own', inputUsdPerMillion: 0.5, price: '$0.50 in · $2.25 out per 1M tokens (set in the config)' },
      { confidence: 'own', outputUsdPerMillion: 2.25 },
    ]);
  });
});

describe('models auth order', () => {
  it('is set, shown and cleared for one agent', async () => {
    expect(await json('models', 'auth', 'order', 'get', '--provider', 'anthropic')).toEqual({
      agentId: 'main',
      provider: 'anthropic',
      order: null,
      from: 'none',
    });
    const ids = ['anthropic:work', 'anthropic:env'];
    expect(await json('models', 'auth', 'order', 'set', '--provider', 'anthropic', '--force', ...ids)).toMatchObject({
      order: ids,
    });
    expect(config()).toEqual({ agents: { list: [{ id: 'main', auth: { order: { anthropic: ids } } }] } });
    expect(await json('models', 'auth', 'order', 'get', '--provider', 'anthropic')).toMatchObject({
      order: ids,
      from: 'agent',
    });
    await run('models', 'auth', 'order', 'clear', '--provider', 'anthropic');
    expect(await json('models', 'auth', 'order', 'get', '--provider', 'anthropic')).toMatchObject({ order: null });
  });

  it('takes only profiles of that provider which the agent has, each once', async () => {
    const set = (...ids: string[]) => run('models', 'auth', 'order', 'set', '--provider', 'anthropic', ...ids);
    expect(await set('xai:work')).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('xai:work is not a profile of anthropic.'),
    });
    expect(await set('anthropic:env', 'anthropic:env')).toMatchObject({ code: 64 });
    expect(await set('anthropic:work')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('The agent main has no profile anthropic:work.'),
    });
  });
});

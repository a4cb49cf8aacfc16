import { describe, expect, it } from 'vitest';
import {
  readAuthProfiles,
  readOpenclawConfig,
  readOpenclawEnvironment,
} from '../../../src/cli/import/read-openclaw.ts';
import { contextOf, shown } from './reading.ts';

const context = contextOf('OpenClaw', { WORK_KEY: 'sk-ant-sim-from-the-environment' });

describe('OpenClaw’s auth-profiles.json', () => {
  it('gives API keys and tokens with their provider, name and expiry', () => {
    const profiles = {
      'anthropic:default': { type: 'api_key', provider: 'anthropic', key: ' sk-ant-sim-one ' },
      'anthropic:me@example.com': { type: 'token', provider: 'anthropic', token: 'sk-ant-oat01-sim-two', expires: 99 },
      'xai:work': { type: 'api_key', provider: 'xai', key: 'xai-sim-three' },
    };
    const text = JSON.stringify({
      version: 1,
      profiles,
      order: {},
      usageStats: { 'anthropic:default': { lastUsed: 1 } },
    });
    expect(shown(readAuthProfiles(text, context))).toEqual([
      {
        where: 'profiles["anthropic:default"]',
        provider: 'anthropic',
        name: 'default',
        type: 'api_key',
        secret: 'sk-ant-sim-one',
      },
      {
        where: 'profiles["anthropic:me@example.com"]',
        provider: 'anthropic',
        name: 'me@example.com',
        type: 'token',
        expiresAtMs: 99,
        secret: 'sk-ant-oat01-sim-two',
      },
      { where: 'profiles["xai:work"]', provider: 'xai', name: 'work', type: 'api_key', secret: 'xai-sim-three' },
    ]);
  });

  it('leaves logins with a refresh token, and says what to do instead', () => {
    const oauth = { type: 'oauth', provider: 'anthropic', access: 'a', refresh: 'r', expires: 1 };
    const profiles = { 'anthropic:claude-cli': oauth, 'openai:codex': { ...oauth, provider: 'openai' } };
    expect(shown(readAuthProfiles(JSON.stringify({ profiles }), context))).toMatchObject([
      {
        reason:
          'is a login with a refresh token (OAuth), which only one program can keep alive; make a token of its own with: claude setup-token',
      },
      { reason: 'is a login with a refresh token (OAuth), which only one program can keep alive' },
    ]);
  });

  it('follows references to variables and names those it cannot follow', () => {
    const profiles = {
      'anthropic:a': {
        type: 'api_key',
        provider: 'anthropic',
        keyRef: { source: 'env', provider: 'default', id: 'WORK_KEY' },
      },
      'anthropic:b': { type: 'api_key', provider: 'anthropic', key: '${WORK_KEY}' },
      'anthropic:c': { type: 'api_key', provider: 'anthropic', key: '', keyRef: { source: 'env', id: 'NOT_SET' } },
      'anthropic:d': { type: 'token', provider: 'anthropic', tokenRef: { source: 'exec', provider: 'vault', id: 'x' } },
      'anthropic:e': { type: 'api_key', provider: 'anthropic', key: { ciphertext: 'x', iv: 'y', tag: 'z' } },
      'anthropic:f': { type: 'api_key', provider: 'anthropic' },
    };
    const answers = shown(readAuthProfiles(JSON.stringify({ profiles }), context)).map((find) =>
      'secret' in find ? find.secret : (find as { reason: string }).reason,
    );
    expect(answers).toEqual([
      'sk-ant-sim-from-the-environment',
      'sk-ant-sim-from-the-environment',
      'is the variable NOT_SET, which is not set here; run this where OpenClaw runs',
      'is not in the file: OpenClaw gets it by "exec"',
      'is encrypted by OpenClaw',
    ]);
  });

  it('reads the oldest form, one entry a provider, and its older words', () => {
    const text = JSON.stringify({
      anthropic: { mode: 'api_key', apiKey: 'sk-ant-sim-old' },
      openai: { access: 'a', refresh: 'r', expires: 1 },
    });
    expect(shown(readAuthProfiles(text, context))).toMatchObject([
      { where: 'anthropic', provider: 'anthropic', name: 'default', type: 'api_key', secret: 'sk-ant-sim-old' },
      { provider: 'openai', reason: expect.stringContaining('(OAuth)') },
    ]);
  });

  it.each(['[]', '{"profiles": []}', '{"profiles": {"a": 1, "b": null, "c": {"type": "api_key", "key": 7}}}'])(
    'takes nothing out of %s',
    (text) => {
      expect(readAuthProfiles(text, context).finds.filter(({ value }) => value.kind === 'secret')).toEqual([]);
    },
  );

  it('names the file and never the text when it is not JSON', () => {
    expect(() => readAuthProfiles('{ "key": "sk-ant-sim-broken', context)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: '/f:1 is not JSON that can be read.' }),
    );
  });
});

describe('openclaw.json', () => {
  it('gives the keys and base URLs of its providers and the keys in its env', () => {
    const text = `{ // mine
      env: { ANTHROPIC_API_KEY: 'sk-ant-sim-env', PATH: '/x', vars: { XAI_API_KEY: 'xai-sim-vars' } },
      models: { providers: { anthropic: { baseUrl: 'https://proxy.example.com' }, openrouter: { baseUrl: 'https://o.example.com/v1', apiKey: 'sk-or-sim' } } },
    }`;
    const reading = readOpenclawConfig(text, context);
    expect(reading.baseUrls).toEqual({
      anthropic: 'https://proxy.example.com',
      openrouter: 'https://o.example.com/v1',
    });
    expect(shown(reading)).toMatchObject([
      { where: 'models.providers.openrouter.apiKey', provider: 'openrouter', baseUrl: 'https://o.example.com/v1' },
      { where: 'env.ANTHROPIC_API_KEY', provider: 'anthropic', secret: 'sk-ant-sim-env' },
      { where: 'env.vars.XAI_API_KEY', provider: 'xai', secret: 'xai-sim-vars' },
    ]);
  });

  it('is not our own config of the old common name', () => {
    const text = "{ env: { ANTHROPIC_API_KEY: 'sk-ant-sim-ours' } }";
    const ours = contextOf('OpenClaw', {}, '/home/me/.moltbot/moltbot.json');
    expect(readOpenclawConfig(text, ours).finds).toEqual([]);
    const theirs = `{ channels: {}, ${text.slice(1)}`;
    expect(shown(readOpenclawConfig(theirs, ours))).toMatchObject([{ secret: 'sk-ant-sim-ours' }]);
  });

  it('is read together with the .env beside it', () => {
    const reading = readOpenclawEnvironment('# keys\nexport OPENAI_API_KEY="sk-sim-dotenv"\nOTHER=1\n', context);
    expect(shown(reading)).toMatchObject([{ where: 'OPENAI_API_KEY', provider: 'openai', secret: 'sk-sim-dotenv' }]);
  });
});

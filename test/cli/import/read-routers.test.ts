import { describe, expect, it } from 'vitest';
import { readClaudeCodeRouter } from '../../../src/cli/import/read-claude-code-router.ts';
import { readCliproxyapi, readCliproxyapiLogin } from '../../../src/cli/import/read-cliproxyapi.ts';
import { readLitellm } from '../../../src/cli/import/read-litellm.ts';
import { contextOf, shown } from './reading.ts';

describe('claude-code-router’s configuration', () => {
  const context = contextOf('claude-code-router', { DEEPSEEK: 'sk-sim-deepseek' });

  it('gives each provider’s key with the address less its endpoint', () => {
    const text = `{
      "APIKEY": "own", "APIKEYS": [{ "key": "own-too" }],
      "Providers": [
        // comments are allowed
        { "name": "anthropic", "api_base_url": "https://api.anthropic.com/v1/messages", "api_key": "sk-ant-sim-one" },
        { "name": "deepseek", "api_base_url": "https://api.deepseek.com/chat/completions", "api_key": "$DEEPSEEK" },
        { "name": "local", "api_base_url": "http://127.0.0.1:1/v1/chat/completions" },
      ],
    }`;
    expect(shown(readClaudeCodeRouter(text, context))).toEqual([
      {
        where: 'Providers[0]',
        provider: 'anthropic',
        type: 'api_key',
        baseUrl: 'https://api.anthropic.com/v1',
        name: 'claude-code-router',
        secret: 'sk-ant-sim-one',
      },
      {
        where: 'Providers[1]',
        provider: 'deepseek',
        type: 'api_key',
        baseUrl: 'https://api.deepseek.com',
        name: 'claude-code-router',
        secret: 'sk-sim-deepseek',
      },
    ]);
  });

  it('gives several credentials of a provider by their labels, and no login of a coding agent', () => {
    const credentials = [
      { id: 'a', label: 'Work', apiKey: 'sk-ant-sim-a' },
      { id: 'b', apikey: 'sk-ant-sim-b' },
    ];
    const Providers = [
      { name: 'anthropic', credentials },
      { name: 'Claude Code', baseUrl: 'https://api.anthropic.com', apiKey: 'ccr-local-agent-login' },
    ];
    expect(shown(readClaudeCodeRouter(JSON.stringify({ Providers }), context))).toMatchObject([
      { where: 'Providers[0].credentials[0]', name: 'Work', secret: 'sk-ant-sim-a' },
      { where: 'Providers[0].credentials[1]', name: 'b', secret: 'sk-ant-sim-b' },
      { where: 'Providers[1]', reason: 'is the login of a coding agent on this machine (OAuth), not a key' },
    ]);
  });
});

describe('LiteLLM’s config.yaml', () => {
  const context = contextOf('LiteLLM', { ANTHROPIC_API_KEY: 'sk-ant-sim-shell', OPENAI_API_KEY: 'sk-sim-shell' });

  it('gives the keys of models, of named credentials and of variables it sets itself', () => {
    const text = `
environment_variables:
  OPENAI_API_KEY: sk-sim-inside
model_list:
  - model_name: opus   # the big one
    litellm_params: { model: anthropic/claude-opus-4-5, api_key: os.environ/ANTHROPIC_API_KEY }
  - model_name: gpt
    litellm_params: { model: gpt-5.4, api_key: os.environ/OPENAI_API_KEY, api_base: "https://llm.example.com/v1/" }
  - model_name: grok
    litellm_params: { model: xai/grok-4-fast, litellm_credential_name: grok }
  - model_name: gone
    litellm_params: { model: groq/llama, api_key: os.environ/GROQ_API_KEY }
  - model_name: nowhere
    litellm_params: { model: openai/x, api_key: sk-sim-x, api_base: os.environ/NO_BASE }
credential_list:
  - credential_name: grok
    credential_values: { api_key: xai-sim-named }
general_settings:
  master_key: sk-1234
include: [more.yaml]
`;
    const reading = readLitellm(text, context);
    expect(shown(reading)).toEqual([
      {
        where: 'model_list[0].litellm_params',
        provider: 'anthropic',
        name: 'litellm',
        type: 'api_key',
        secret: 'sk-ant-sim-shell',
      },
      {
        where: 'model_list[1].litellm_params',
        provider: 'openai',
        name: 'litellm',
        type: 'api_key',
        baseUrl: 'https://llm.example.com/v1/',
        secret: 'sk-sim-inside',
      },
      {
        where: 'model_list[3].litellm_params',
        provider: 'groq',
        name: 'litellm',
        type: 'api_key',
        reason: 'is the variable GROQ_API_KEY, which is not set here; run this where LiteLLM runs',
      },
      {
        where: 'model_list[4].litellm_params',
        provider: 'openai',
        name: 'litellm',
        type: 'api_key',
        reason: 'is the variable NO_BASE, which is not set here; run this where LiteLLM runs',
      },
      { where: 'credential_list[0]', provider: 'xai', name: 'grok', type: 'api_key', secret: 'xai-sim-named' },
    ]);
    expect(reading.notes).toEqual(['/f includes other files (1); import each with --from.']);
  });

  it.each([
    ['is broken', 'model_list: [sk-ant-sim-x', 1],
    ['repeats a key', 'a: 1\nb: 2\na: sk-ant-sim-x\n', 3],
    [
      'grows without end',
      `a: &a [x]\n${[...'bcdefghij'].map((key, at) => `${key}: &${key} [${Array(9).fill(`*${'abcdefghi'[at]}`)}]`).join('\n')}\n`,
      undefined,
    ],
  ])('names the line and never the text when it %s', (_, text, line) => {
    const place = line === undefined ? '/f' : `/f:${line}`;
    expect(() => readLitellm(text, context)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: `${place} is not YAML that can be read.` }),
    );
  });
});

describe('CLIProxyAPI’s config.yaml', () => {
  const context = contextOf('CLIProxyAPI');

  it('gives the keys of the layout up to version 7, not its own', () => {
    const text = `
api-keys: ["own-1", "own-2"]
claude-api-key:
  - api-key: "sk-ant-sim-one"
  - api-key: "sk-ant-sim-two"
    base-url: "https://claude.example.com"
xai-api-key:
  - { api-key: xai-sim-three, base-url: https://api.x.ai/v1 }
openai-compatibility:
  - name: openrouter
    base-url: https://openrouter.ai/api/v1
    api-key-entries:
      - api-key: sk-or-sim-a
      - api-key: sk-or-sim-b
`;
    expect(shown(readCliproxyapi(text, context))).toEqual([
      {
        where: 'claude-api-key[0]',
        provider: 'claude',
        type: 'api_key',
        name: 'cliproxyapi',
        secret: 'sk-ant-sim-one',
      },
      {
        where: 'claude-api-key[1]',
        provider: 'claude',
        type: 'api_key',
        name: 'cliproxyapi',
        baseUrl: 'https://claude.example.com',
        secret: 'sk-ant-sim-two',
      },
      {
        where: 'xai-api-key[0]',
        provider: 'xai',
        type: 'api_key',
        name: 'cliproxyapi',
        baseUrl: 'https://api.x.ai/v1',
        secret: 'xai-sim-three',
      },
      ...['a', 'b'].map((name, index) => ({
        where: `openai-compatibility[0].api-key-entries[${index}]`,
        provider: 'openrouter',
        type: 'api_key',
        name: 'cliproxyapi',
        baseUrl: 'https://openrouter.ai/api/v1',
        secret: `sk-or-sim-${name}`,
      })),
    ]);
  });

  it('gives the keys of the layout since version 8, not its own', () => {
    const text = `
access: { api-keys: [own-1] }
oauth: { auth-dir: /srv/logins }
api-keys:
  claude:
    - base-url: ""
      keys: [{ api-key: sk-ant-sim-one }]
  openai-compatibility:
    - { name: groq, base-url: https://api.groq.com/openai/v1, keys: [{ api-key: gsk-sim }] }
`;
    const reading = readCliproxyapi(text, context);
    expect(shown(reading)).toMatchObject([
      { where: 'api-keys.claude[0].keys[0]', provider: 'claude', secret: 'sk-ant-sim-one' },
      { where: 'api-keys.openai-compatibility[0].keys[0]', provider: 'groq', secret: 'gsk-sim' },
    ]);
    expect(reading.finds[0]!.baseUrl).toBeUndefined();
    expect(reading.notes).toEqual(['The logins (OAuth) in /srv/logins were not looked at; they cannot be brought.']);
  });

  it('leaves the logins of its auth-dir by name', () => {
    const text = JSON.stringify({ type: 'codex', access_token: 'a', refresh_token: 'r', email: 'me@example.com' });
    expect(shown(readCliproxyapiLogin(text, context))).toEqual([
      {
        where: 'codex',
        provider: 'codex',
        type: 'token',
        name: 'cliproxyapi',
        reason: 'is a login with a refresh token (OAuth), which only one program can keep alive',
      },
    ]);
  });
});

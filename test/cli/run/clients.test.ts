import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { clientOverrides } from '../../../src/cli/run/client-overrides.ts';
import { clientVariables } from '../../../src/cli/run/client-variables.ts';
import { withCodexArguments } from '../../../src/cli/run/codex-arguments.ts';
import { Secret } from '../../../src/core/secret.ts';
import { anthropic } from '../../../src/providers/anthropic.ts';
import { openai } from '../../../src/providers/openai.ts';

describe('what clients are told', () => {
  it('gives each dialect its base URL and the same token', () => {
    const access = { gatewayUrl: 'http://127.0.0.1:8400', token: new Secret('mbt_x'), providers: [anthropic, openai] };
    expect(clientVariables(access)).toEqual({
      ANTHROPIC_BASE_URL: 'http://127.0.0.1:8400/v1/proxy/anthropic',
      ANTHROPIC_AUTH_TOKEN: 'mbt_x',
      OPENAI_BASE_URL: 'http://127.0.0.1:8400/v1/proxy/openai/v1',
      OPENAI_API_KEY: 'mbt_x',
    });
  });

  it('tells codex on its command line, without the token, and leaves other programs alone', () => {
    expect(withCodexArguments(['/opt/bin/codex', 'exec', 'hi'], 'http://127.0.0.1:1/v1/proxy/openai/v1')).toEqual([
      '/opt/bin/codex',
      '-c',
      'model_provider="moltbot"',
      '-c',
      'model_providers.moltbot.name="moltbot"',
      '-c',
      'model_providers.moltbot.base_url="http://127.0.0.1:1/v1/proxy/openai/v1"',
      '-c',
      'model_providers.moltbot.env_key="OPENAI_API_KEY"',
      '-c',
      'model_providers.moltbot.wire_api="responses"',
      'exec',
      'hi',
    ]);
    expect(withCodexArguments(['claude', '-p', 'codex'], 'http://x')).toEqual(['claude', '-p', 'codex']);
    expect(withCodexArguments(['codex'], undefined)).toEqual(['codex']);
  });

  it('names the settings of Claude Code that would go past the gateway, of that client only', () => {
    const home = mkdtempSync(join(tmpdir(), 'moltbot-client-'));
    const workingDirectory = join(home, 'project');
    mkdirSync(join(home, '.claude'));
    mkdirSync(join(workingDirectory, '.claude'), { recursive: true });
    writeFileSync(
      join(home, '.claude', 'settings.json'),
      '{"apiKeyHelper":"x","env":{"ANTHROPIC_BASE_URL":"http://e"}}',
    );
    writeFileSync(
      join(workingDirectory, '.claude', 'settings.local.json'),
      '{"env":{"ANTHROPIC_API_KEY":"k","TAG":"1"}}',
    );
    const sets = (file: string, key: string) => `${file} sets ${key}, which overrides what this command sets.`;
    expect(clientOverrides('/usr/bin/claude', { home, workingDirectory })).toEqual([
      sets(join(home, '.claude', 'settings.json'), 'env.ANTHROPIC_BASE_URL'),
      sets(join(home, '.claude', 'settings.json'), 'apiKeyHelper'),
      sets(join(workingDirectory, '.claude', 'settings.local.json'), 'env.ANTHROPIC_API_KEY'),
    ]);
    expect(clientOverrides('codex', { home, workingDirectory })).toEqual([]);
    rmSync(home, { recursive: true });
  });
});

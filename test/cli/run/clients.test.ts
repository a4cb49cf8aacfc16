import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withClaudeArguments } from '../../../src/cli/run/claude-arguments.ts';
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
      'model_provider="moltbot-run"',
      '-c',
      'model_providers.moltbot-run.name="moltbot"',
      '-c',
      'model_providers.moltbot-run.base_url="http://127.0.0.1:1/v1/proxy/openai/v1"',
      '-c',
      'model_providers.moltbot-run.env_key="OPENAI_API_KEY"',
      '-c',
      'model_providers.moltbot-run.wire_api="responses"',
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
    const sets = (file: string, key: string) => ({ file, key });
    expect(clientOverrides('/usr/bin/claude', { home, workingDirectory })).toEqual([
      sets(join(home, '.claude', 'settings.json'), 'env.ANTHROPIC_BASE_URL'),
      sets(join(home, '.claude', 'settings.json'), 'apiKeyHelper'),
      sets(join(workingDirectory, '.claude', 'settings.local.json'), 'env.ANTHROPIC_API_KEY'),
    ]);
    expect(clientOverrides('codex', { home, workingDirectory })).toEqual([]);
    rmSync(home, { recursive: true });
  });

  it('has Claude Code take back for one run what can be taken back, and knows what stays', () => {
    const url = 'http://127.0.0.1:1/v1/proxy/anthropic';
    const override = (key: string) => ({ file: '/settings.json', key });
    const [helper, key] = [override('apiKeyHelper'), override('env.ANTHROPIC_API_KEY')];
    const settings = JSON.stringify({ env: { ANTHROPIC_BASE_URL: url }, apiKeyHelper: '' });
    expect(withClaudeArguments(['claude', '-p', 'hi'], [helper, key], url)).toEqual({
      command: ['claude', '--settings', settings, '-p', 'hi'],
      left: [key],
    });
    for (const command of [
      ['claude', '--settings', '{}'],
      ['claude', '--settings={}'],
      ['other', '-p'],
    ]) {
      expect(withClaudeArguments(command, [helper], url)).toEqual({ command, left: [helper] });
    }
    expect(withClaudeArguments(['claude'], [key], url)).toEqual({ command: ['claude'], left: [key] });
    expect(withClaudeArguments(['claude'], [helper], undefined)).toEqual({ command: ['claude'], left: [helper] });
  });
});

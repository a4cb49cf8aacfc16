import { join } from 'node:path';
import { DEFAULT_TTL_MS } from '../../agents/access-token.ts';
import { projectOverrides } from '../run/client-overrides.ts';
import type { Client } from './client.ts';
import { jsonSettings } from './json-settings.ts';
import { shellWords } from './token-command.ts';

/** How long Claude Code keeps what its helper printed: never past the end of the token. */
const HELPER_TTL_MS = DEFAULT_TTL_MS / 2;

/**
 * Claude Code reads `env` of its settings into its environment, and asks the program in `apiKeyHelper` for what it shows
 * as its key (in `authorization` and `x-api-key`), at its start and again after `CLAUDE_CODE_API_KEY_HELPER_TTL_MS` or
 * a 401. Seen with version 2.1.329.
 */
export const claudeClient: Client = {
  id: 'claude',
  name: 'Claude Code',
  format: jsonSettings,
  file: (env, home) => join(env.CLAUDE_CONFIG_DIR || join(home, '.claude'), 'settings.json'),
  edits: ({ baseUrl, tokenCommand }) => [
    { path: ['env', 'ANTHROPIC_BASE_URL'], value: baseUrl('anthropic') },
    { path: ['env', 'CLAUDE_CODE_API_KEY_HELPER_TTL_MS'], value: String(HELPER_TTL_MS) },
    { path: ['apiKeyHelper'], value: shellWords(tokenCommand('anthropic')) },
  ],
  inTheWay: [
    'ANTHROPIC_AUTH_TOKEN',
    'ANTHROPIC_API_KEY',
    'CLAUDE_CODE_USE_BEDROCK',
    'CLAUDE_CODE_USE_VERTEX',
    'CLAUDE_CODE_USE_FOUNDRY',
  ].map((name) => ['env', name]),
  strongerVariables: ['ANTHROPIC_AUTH_TOKEN', 'ANTHROPIC_API_KEY'],
  providers: ['anthropic'],
  overrides: ({ file, workingDirectory, baseUrl }) => projectOverrides(workingDirectory, file, baseUrl('anthropic')),
  start: () => 'claude',
};

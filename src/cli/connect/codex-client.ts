import { join } from 'node:path';
import { DEFAULT_TTL_MS } from '../../agents/access-token.ts';
import { printable } from '../../core/text.ts';
import { SECOND_MS } from '../../core/time.ts';
import type { Client } from './client.ts';
import { settingAt } from './setting-at.ts';
import { tomlSettings } from './toml-settings.ts';

/** Codex waits 5 s unless told otherwise, which a machine under load may need to start a program. */
const COMMAND_LIMIT_MS = 20 * SECOND_MS;

/**
 * Codex reads no variable for its base URL: it takes a provider of its own from its settings, and since 0.119 the token
 * from a command (`auth`), which it runs again after `refresh_interval_ms` or a 401. Seen with version 0.169.0.
 */
export const codexClient: Client = {
  id: 'codex',
  name: 'Codex',
  format: tomlSettings,
  file: (env, home) => join(env.CODEX_HOME || join(home, '.codex'), 'config.toml'),
  edits: ({ baseUrl, tokenCommand }) => {
    const [command, ...args] = tokenCommand('openai');
    const auth = { command, args, timeout_ms: COMMAND_LIMIT_MS, refresh_interval_ms: DEFAULT_TTL_MS / 2 };
    const provider = { name: 'moltbot', base_url: baseUrl('openai'), wire_api: 'responses', auth };
    return [
      { path: ['model_provider'], value: 'moltbot' },
      { path: ['model_providers', 'moltbot'], value: provider },
    ];
  },
  inTheWay: [],
  strongerVariables: [],
  providers: ['openai'],
  overrides: ({ file, settings }) => {
    const { profile } = settings;
    if (typeof profile !== 'string') return [];
    const chosen = settingAt(settings, ['profiles', profile, 'model_provider']);
    if (chosen === undefined || chosen === 'moltbot') return [];
    return [`${file} sets profiles.${printable(profile)}.model_provider, which wins while that profile is chosen.`];
  },
  start: () => 'codex',
};

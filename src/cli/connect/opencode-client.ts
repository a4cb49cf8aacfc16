import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { MAIN_AGENT } from '../../core/ids.ts';
import type { Client } from './client.ts';
import { jsonSettings } from './json-settings.ts';

/** Providers that OpenCode knows by the same id, and the variable of ours that it takes the token from. */
const TOKEN_VARIABLES: Readonly<Record<string, string>> = {
  anthropic: 'ANTHROPIC_AUTH_TOKEN',
  openai: 'OPENAI_API_KEY',
  xai: 'OPENAI_API_KEY',
};

/**
 * OpenCode can take a key from a variable or a file, not from a command: the token is the one that `moltbot run` and
 * `moltbot env` set. Its libraries want `/v1` in every base URL. Seen with version 1.18.33.
 */
export const opencodeClient: Client = {
  id: 'opencode',
  name: 'OpenCode',
  format: jsonSettings,
  file: (env, home) => {
    const folder = join(env.XDG_CONFIG_HOME || join(home, '.config'), 'opencode');
    const commented = join(folder, 'opencode.jsonc');
    return env.OPENCODE_CONFIG || (existsSync(commented) ? commented : join(folder, 'opencode.json'));
  },
  edits: ({ baseUrl, providers }) => {
    const known = providers.filter((id) => id in TOKEN_VARIABLES);
    return (known.length > 0 ? known : ['anthropic']).flatMap((id) => [
      { path: ['provider', id, 'options', 'baseURL'], value: `${baseUrl(id).replace(/\/v1$/, '')}/v1` },
      { path: ['provider', id, 'options', 'apiKey'], value: `{env:${TOKEN_VARIABLES[id]}}` },
    ]);
  },
  inTheWay: [],
  strongerVariables: [],
  providers: Object.keys(TOKEN_VARIABLES),
  overrides: () => [],
  start: (agentId) => `moltbot run ${agentId === MAIN_AGENT ? '' : `--agent ${agentId} `}-- opencode`,
};

import type { Provider } from './provider.ts';
import { ANTHROPIC_ROUTES } from './routes.ts';

/** Lets a request ask for the one-hour prompt cache. Sent on API-key requests. */
export const EXTENDED_CACHE_BETA = 'extended-cache-ttl-2025-04-11';

/** What a setup-token needs beside `Authorization: Bearer`. */
export const OAUTH_BETA = 'oauth-2025-04-20';

/** Sent when the client names no version; never changed when it does. */
export const DEFAULT_ANTHROPIC_VERSION = '2023-06-01';

export const anthropic: Provider = {
  id: 'anthropic',
  displayName: 'Anthropic',
  dialect: 'anthropic',
  formats: ['anthropic-messages'],
  defaultBaseUrl: 'https://api.anthropic.com',
  builtInOrigin: 'https://api.anthropic.com',
  credentials: [
    {
      type: 'api_key',
      label: 'Anthropic API key',
      pattern: /^sk-ant-(?!oat01-|admin)[a-zA-Z0-9\-_]{20,}$/,
      minimumLength: 27,
      sample: 'sk-ant-api03-…',
      source: 'Make one under "API keys" in the Anthropic console; it is shown once.',
      style: 'x-api-key',
    },
    {
      type: 'token',
      label: 'Anthropic token (paste setup-token)',
      pattern: /^sk-ant-oat01-[a-zA-Z0-9\-_]+$/,
      minimumLength: 80,
      sample: 'sk-ant-oat01-…',
      source: 'Run "claude setup-token" where you are logged in to Claude Code; it is shown once and lasts a year.',
      style: 'bearer',
    },
  ],
  authStyle: 'x-api-key',
  environmentNames: ['ANTHROPIC_API_KEY'],
  routes: ANTHROPIC_ROUTES,
  testCall: {
    model: 'claude-haiku-4-5-20251001',
    path: 'messages',
    headers: { 'anthropic-version': DEFAULT_ANTHROPIC_VERSION },
    body: (model) => ({ model, max_tokens: 10, messages: [{ role: 'user', content: 'Hi' }] }),
    expects: ['id', 'type', 'content'],
  },
  builtIn: true,
  betas: [EXTENDED_CACHE_BETA],
  headers: {},
  allowPrivateNetwork: false,
};

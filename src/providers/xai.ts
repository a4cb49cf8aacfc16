import type { Provider } from './provider.ts';
import { OPENAI_ROUTES } from './routes.ts';

/** xAI speaks OpenAI's dialect, with error shapes of its own (`upstream-error.ts`). */
export const xai: Provider = {
  id: 'xai',
  displayName: 'xAI',
  dialect: 'openai',
  formats: ['openai-chat', 'openai-responses'],
  defaultBaseUrl: 'https://api.x.ai/v1',
  builtInOrigin: 'https://api.x.ai',
  credentials: [
    {
      type: 'api_key',
      label: 'xAI API key',
      pattern: /^xai-[a-zA-Z0-9\-_]{20,}$/,
      minimumLength: 24,
      sample: 'xai-…',
      source: 'Make one under "API keys" in the xAI console; it is shown once.',
      style: 'bearer',
    },
  ],
  authStyle: 'bearer',
  environmentNames: ['XAI_API_KEY'],
  routes: OPENAI_ROUTES,
  testCall: {
    model: 'grok-4-fast',
    path: 'chat/completions',
    headers: {},
    body: (model) => ({ model, max_tokens: 10, messages: [{ role: 'user', content: 'Hi' }] }),
    expects: ['id', 'choices', 'model'],
  },
  builtIn: true,
  betas: [],
  headers: {},
  allowPrivateNetwork: false,
};

import type { Provider } from './provider.ts';
import { OPENAI_ROUTES } from './routes.ts';

export const openai: Provider = {
  id: 'openai',
  displayName: 'OpenAI',
  dialect: 'openai',
  formats: ['openai-chat', 'openai-responses'],
  defaultBaseUrl: 'https://api.openai.com/v1',
  builtInOrigin: 'https://api.openai.com',
  credentials: [
    {
      type: 'api_key',
      label: 'OpenAI API key',
      pattern: /^sk-(?!ant-)[a-zA-Z0-9\-_]{20,}$/,
      minimumLength: 23,
      sample: 'sk-proj-…',
      source: 'Make one under "API keys" in the OpenAI platform; it is shown once.',
      style: 'bearer',
    },
  ],
  authStyle: 'bearer',
  environmentNames: ['OPENAI_API_KEY'],
  routes: OPENAI_ROUTES,
  testCall: {
    model: 'gpt-5.4-mini',
    path: 'chat/completions',
    headers: {},
    // The newer models refuse `max_tokens`.
    body: (model) => ({ model, max_completion_tokens: 10, messages: [{ role: 'user', content: 'Hi' }] }),
    expects: ['id', 'choices', 'model'],
  },
  builtIn: true,
  betas: [],
  headers: {},
  allowPrivateNetwork: false,
};

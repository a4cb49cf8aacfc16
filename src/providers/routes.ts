import { MoltbotError } from '../core/errors.ts';
import { printable } from '../core/text.ts';
import type { Route, WireFormat } from './provider.ts';

const GET = ['GET'];
const POST = ['POST'];
const GET_OR_DELETE = ['GET', 'DELETE'];
const GET_OR_POST = ['GET', 'POST'];

const MODELS: readonly Route[] = [
  { purpose: 'models', methods: GET, path: 'models', body: 'none' },
  { purpose: 'models', methods: GET, path: 'models/{id}', body: 'none' },
];

const FILES: readonly Route[] = [
  { purpose: 'files', methods: POST, path: 'files', body: 'upload' },
  { purpose: 'files', methods: GET, path: 'files', body: 'none' },
  { purpose: 'files', methods: GET_OR_DELETE, path: 'files/{id}', body: 'none' },
  { purpose: 'files', methods: GET, path: 'files/{id}/content', body: 'none' },
];

/** What the gateway lets through to Anthropic, and to a person's provider that speaks `anthropic-messages`. */
export const ANTHROPIC_ROUTES: readonly Route[] = [
  { purpose: 'generate', methods: POST, path: 'messages', format: 'anthropic-messages', body: 'json' },
  { purpose: 'count', methods: POST, path: 'messages/count_tokens', format: 'anthropic-messages', body: 'json' },
  { purpose: 'batches', methods: POST, path: 'messages/batches', body: 'batch' },
  { purpose: 'batches', methods: GET, path: 'messages/batches', body: 'none' },
  { purpose: 'batches', methods: GET_OR_DELETE, path: 'messages/batches/{id}', body: 'none' },
  { purpose: 'batches', methods: POST, path: 'messages/batches/{id}/cancel', body: 'json' },
  { purpose: 'batches', methods: GET, path: 'messages/batches/{id}/results', body: 'none' },
  ...FILES,
  ...MODELS,
];

const CHAT: readonly Route[] = [
  { purpose: 'generate', methods: POST, path: 'chat/completions', format: 'openai-chat', body: 'json' },
];

const RESPONSES: readonly Route[] = [
  { purpose: 'generate', methods: POST, path: 'responses', format: 'openai-responses', body: 'json' },
  { purpose: 'responses', methods: GET_OR_DELETE, path: 'responses/{id}', body: 'none' },
  { purpose: 'responses', methods: POST, path: 'responses/{id}/cancel', body: 'json' },
  { purpose: 'responses', methods: GET, path: 'responses/{id}/input_items', body: 'none' },
];

const OPENAI_SHARED: readonly Route[] = [
  { purpose: 'embeddings', methods: POST, path: 'embeddings', body: 'json' },
  { purpose: 'batches', methods: POST, path: 'batches', body: 'json' },
  { purpose: 'batches', methods: GET, path: 'batches', body: 'none' },
  { purpose: 'batches', methods: GET, path: 'batches/{id}', body: 'none' },
  { purpose: 'batches', methods: POST, path: 'batches/{id}/cancel', body: 'json' },
  ...FILES,
  ...MODELS,
];

/** What the gateway lets through to OpenAI and xAI. */
export const OPENAI_ROUTES: readonly Route[] = [...CHAT, ...RESPONSES, ...OPENAI_SHARED];

/** The routes of a person's provider: what its wire formats (`api`) need and no others. */
export function routesForFormats(formats: readonly WireFormat[]): readonly Route[] {
  const openai = formats.some((format) => format !== 'anthropic-messages');
  const routes = [
    ...(formats.includes('anthropic-messages') ? ANTHROPIC_ROUTES : []),
    ...(formats.includes('openai-chat') ? CHAT : []),
    ...(formats.includes('openai-responses') ? RESPONSES : []),
    ...(openai ? OPENAI_SHARED : []),
  ];
  return routes.filter((route, index) => routes.findIndex((other) => sameRoute(other, route)) === index);
}

/**
 * Routes a person lets through with `models.providers.X.allowRoutes`: paths below the base URL such as
 * `images/generations`. @throws CONFIG_INVALID for a path that is not plain segments.
 */
export function allowedRoutes(paths: readonly string[]): readonly Route[] {
  return paths.map((path) => {
    if (!/^[a-z0-9_-]+(\/([a-z0-9_-]+|\{id\}))*$/.test(path)) {
      throw new MoltbotError('CONFIG_INVALID', `"${printable(path)}" is not a route that can be allowed.`, {
        hint: 'Write the path below /v1/ in plain segments, for example: "images/generations" or "videos/{id}"',
      });
    }
    return { purpose: 'other', methods: GET_OR_POST, path, body: 'json' };
  });
}

function sameRoute(a: Route, b: Route): boolean {
  return a.path === b.path && a.methods.join() === b.methods.join();
}

import { hash } from 'node:crypto';
import * as v from 'valibot';
import { looksLikeCredential } from '../../config/path.ts';
import { MoltbotError } from '../../core/errors.ts';
import { printable } from '../../core/text.ts';
import { headerOf, type RawHeaders } from '../../gateway/headers/raw-headers.ts';
import { integrationSchema, shownIntegration } from '../integrations/shown-integration.ts';
import { pageFrom, pageOf, pageQuery } from '../server/page.ts';
import { type Answer, route } from '../server/route.ts';

const TYPE = 'llm-providers';

/** Providers with their models and what they want as credentials, from the catalog that `models list` shows. */
export const integrationRoutes = [
  route({
    method: 'GET',
    path: '/integrations/llm-providers',
    summary: 'List the LLM providers with their models, prices and auth schemas.',
    role: 'admin',
    query: v.strictObject(pageQuery),
    answers: { 200: pageOf(integrationSchema), 304: null },
    handle({ management, query, headers, reply }) {
      const page = pageFrom([...management.providers().values()], query, ({ id }) => id);
      const { prices } = management.config().config.models;
      const items = page.items.map((provider) => shownIntegration(provider, prices, management.now()));
      return cached(headers, reply(200, { ...page, items }));
    },
  }),
  route({
    method: 'GET',
    path: '/integrations/llm-providers/{provider}',
    summary: 'Show one LLM provider with its models, prices and auth schemas.',
    role: 'admin',
    params: v.strictObject({ provider: v.string() }),
    answers: { 200: integrationSchema, 304: null },
    errors: [404],
    handle({ management, params, headers, reply }) {
      const provider = management.providers().get(params.provider);
      if (!provider) throw new MoltbotError('PROVIDER_NOT_FOUND', 'LLM provider not found');
      const { prices } = management.config().config.models;
      return cached(headers, reply(200, shownIntegration(provider, prices, management.now())));
    },
  }),
  route({
    method: 'GET',
    path: '/integrations/{type}/{name}',
    summary: 'Say that there is no other type of integration.',
    role: 'admin',
    params: v.strictObject({ type: v.string(), name: v.string() }),
    answers: {},
    errors: [400],
    handle({ params }) {
      // A credential in the wrong place is not repeated.
      const type = looksLikeCredential(params.type) ? 'That' : `"${printable(params.type)}"`;
      throw new MoltbotError('USAGE', `${type} is not a type of integration; ${TYPE} is.`);
    },
  }),
];

/** Good for ten minutes, and after that for as long as the entity tag is the same (RFC 9110, section 13.1.2). */
function cached(headers: RawHeaders, answer: Answer): Answer {
  const etag = `"${hash('sha256', JSON.stringify(answer.body), 'base64url').slice(0, 22)}"`;
  const caching = { etag, 'cache-control': 'max-age=600' };
  const known = (headerOf(headers, 'if-none-match') ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  if (known.includes(etag) || known.includes('*')) return { status: 304, headers: caching };
  return { ...answer, headers: caching };
}

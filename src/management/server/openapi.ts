import { toJsonSchema } from '@valibot/to-json-schema';
import * as v from 'valibot';
import { VERSION } from '../../core/version.ts';
import { GUARD_HEADER } from './check-guard.ts';
import type { Route, Schema } from './route.ts';
import { API_PREFIX } from './router.ts';

type Json = Record<string, unknown>;

const DESCRIPTIONS: Readonly<Record<number, string>> = {
  200: 'Done.',
  201: 'Created.',
  202: 'Taken on.',
  204: 'Done; there is nothing to say.',
  304: 'Not changed since.',
  400: 'Something in it is wrong, or the provider refuses the credential.',
  401: 'No valid admin key.',
  403: 'Not for this role, or the guard passphrase is needed.',
  404: 'There is no such thing.',
  409: 'It stands against what is there.',
  422: 'The request has the wrong shape; one item per field.',
  429: 'Too much of it at the same time.',
  500: 'A fault on the side of the gateway.',
  502: 'The provider could not be asked.',
  503: 'The vault, the database or the audit cannot be used now.',
};

/** What every failure looks like. */
export const errorSchema = v.strictObject({ detail: v.string() });
export const invalidFieldsSchema = v.strictObject({
  detail: v.array(v.strictObject({ loc: v.array(v.string()), msg: v.string(), type: v.string() })),
});

/** The OpenAPI 3.1 document of these routes, made from what they are served by. */
export function openapiDocument(routes: readonly Route[]) {
  const paths: Record<string, Json> = {};
  for (const route of routes)
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation(route) };
  return {
    openapi: '3.1.0' as const,
    info: {
      title: 'moltbot management API',
      version: VERSION,
      description:
        'On the socket in the state directory the permissions of the file decide who calls; over TCP an admin key does. Times are epoch milliseconds.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: API_PREFIX }, { url: '/', description: 'The same without a prefix.' }],
    security: [{ adminKey: [] }, {}],
    paths,
    components: {
      securitySchemes: { adminKey: { type: 'http', scheme: 'bearer', description: 'mbm_…; over TCP only.' } },
      schemas: { Error: schemaOf(errorSchema, 'output'), InvalidFields: schemaOf(invalidFieldsSchema, 'output') },
      parameters: {
        Organization: {
          name: 'X-Organization-ID',
          in: 'header',
          description: 'Accepted and ignored: there are agents here, no organizations.',
          schema: { type: 'string' },
        },
        Guard: {
          name: GUARD_HEADER,
          in: 'header',
          description: 'The guard passphrase, on the socket, where one is set.',
          schema: { type: 'string' },
        },
      },
    },
  };
}

function operation(route: Route): Json {
  const { method, path, summary, role, body, mayWiden } = route;
  return {
    operationId: [method.toLowerCase(), ...path.split(/\W+/).filter(Boolean).map(capitalized)].join(''),
    summary,
    'x-moltbot-role': role,
    parameters: [
      ...parameters(route.params, 'path'),
      ...parameters(route.query, 'query'),
      { $ref: '#/components/parameters/Organization' },
      ...(mayWiden ? [{ $ref: '#/components/parameters/Guard' }] : []),
    ],
    ...(body && { requestBody: { required: true, content: content('application/json', schemaOf(body, 'input')) } }),
    responses: responses(route),
  };
}

/** The entries of an object schema as parameters. */
function parameters(schema: Schema, place: 'path' | 'query'): Json[] {
  const { properties = {}, required = [] } = schemaOf(schema, 'input') as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    ...(description !== undefined && { description }),
    schema: rest,
  }));
}

function responses({ answers, errors, mediaType }: Route): Json {
  const found: Json = {};
  for (const [status, schema] of Object.entries(answers)) {
    found[status] = {
      description: DESCRIPTIONS[Number(status)],
      ...(schema && { content: content(mediaType, schemaOf(schema, 'output')) }),
    };
  }
  for (const status of errors) found[String(status)] = failure(status);
  return { ...found, default: failure(undefined) };
}

function failure(status: number | undefined): Json {
  const schema = { $ref: `#/components/schemas/${status === 422 ? 'InvalidFields' : 'Error'}` };
  const description = status === undefined ? 'Refused or failed otherwise.' : DESCRIPTIONS[status];
  return { description, content: content('application/json', schema) };
}

function content(mediaType: string, schema: unknown): Json {
  return { [mediaType]: { schema } };
}

function schemaOf(schema: Schema, typeMode: 'input' | 'output'): Json {
  const { $schema, ...rest } = toJsonSchema(schema, { target: 'draft-2020-12', typeMode, errorMode: 'ignore' });
  return rest;
}

function capitalized(word: string): string {
  return word[0]!.toUpperCase() + word.slice(1);
}

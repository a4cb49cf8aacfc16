import * as v from 'valibot';
import { openapiDocument } from '../server/openapi.ts';
import { type Route, route } from '../server/route.ts';

/** The document that describes the API, made from the routes themselves. */
export function openapiRoute(routes: () => readonly Route[]): Route {
  return route({
    method: 'GET',
    path: '/openapi.json',
    summary: 'Describe this API as an OpenAPI 3.1 document.',
    role: 'admin',
    answers: { 200: v.looseObject({ openapi: v.literal('3.1.0') }) },
    handle: ({ reply }) => reply(200, openapiDocument(routes())),
  });
}

import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import { ROUTES } from '../../src/management/routes.ts';
import { openapiDocument } from '../../src/management/server/openapi.ts';

const document = openapiDocument(ROUTES);

interface BodySchema {
  readonly additionalProperties?: unknown;
  readonly anyOf?: readonly BodySchema[];
  readonly oneOf?: readonly BodySchema[];
}

/** A body is an object, or one of several. */
function shapesOf(schema: BodySchema | undefined): readonly BodySchema[] {
  return schema === undefined ? [] : (schema.anyOf ?? schema.oneOf ?? [schema]);
}

describe('the OpenAPI document', () => {
  it('is valid OpenAPI 3.1', async () => {
    const validator = new Validator();
    const result = await validator.validate(structuredClone(document));
    expect(result).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
  });

  it('has every route once, each with a name of its own', () => {
    const documented = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, operation })),
    );
    expect(documented.map(({ name }) => name).sort()).toEqual(
      ROUTES.map(({ method, path }) => `${method} ${path}`).sort(),
    );
    const names = documented.map(({ operation }) => (operation as { operationId: string }).operationId);
    expect(new Set(names).size).toBe(names.length);
  });

  it('tells of every parameter in a path, and takes no unknown field anywhere', () => {
    for (const route of ROUTES) {
      const inPath = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const operation = (document.paths[route.path] as Record<string, unknown>)[route.method.toLowerCase()];
      const { parameters, requestBody } = operation as {
        parameters: { in?: string; name: string; required?: boolean }[];
        requestBody?: { content: { 'application/json': { schema: BodySchema } } };
      };
      const documented = parameters.filter((parameter) => parameter.in === 'path');
      expect(documented.map(({ name, required }) => [name, required])).toEqual(inPath.map((name) => [name, true]));
      for (const shape of shapesOf(requestBody?.content['application/json'].schema))
        expect(shape.additionalProperties).toBe(false);
    }
  });
});

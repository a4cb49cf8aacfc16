import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { jsonSchemaText } from '../../scripts/json-schema.ts';
import { checkConfig } from '../../src/config/check.ts';

const published = (name: string) => readFileSync(new URL(`../../config-schema/${name}`, import.meta.url), 'utf8');

describe('config-schema/', () => {
  it('holds the JSON Schema that the sources generate (if not: npm run schema)', () => {
    expect(published('moltbot.schema.json')).toBe(jsonSchemaText());
  });

  it('refuses unknown keys in every object of known keys', () => {
    const open = objectsIn(JSON.parse(published('moltbot.schema.json'))).filter(
      (schema) => 'properties' in schema && schema.additionalProperties !== false,
    );
    expect(open).toEqual([]);
  });

  it('has an example that loads without a mistake', () => {
    expect(checkConfig(published('example.json5'))).toMatchObject({ ok: true });
  });

  it('shows every top-level key in the example', () => {
    const { raw } = checkConfig(published('example.json5'));
    const known = Object.keys(JSON.parse(published('moltbot.schema.json')).properties).filter(
      (key) => key !== '$schema',
    );
    expect(Object.keys(raw as object).toSorted()).toEqual(known.toSorted());
  });
});

function objectsIn(schema: unknown): Record<string, unknown>[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const inside = Object.values(schema).flatMap(objectsIn);
  return 'type' in schema && schema.type === 'object' ? [schema as Record<string, unknown>, ...inside] : inside;
}

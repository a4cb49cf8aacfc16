import { toJsonSchema } from '@valibot/to-json-schema';
import { configSchema } from '../src/config/schema.ts';

/** The published JSON Schema as text, generated from `schema.ts`: `config-schema/moltbot.schema.json`. */
export function jsonSchemaText(): string {
  const schema = {
    ...toJsonSchema(configSchema, { typeMode: 'input' }),
    title: 'moltbot.json',
    description:
      'The configuration of moltbot (JSON5). Every key is optional; defaults are never written into the file.',
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}

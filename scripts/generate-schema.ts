import { writeFileSync } from 'node:fs';
import { jsonSchemaText } from './json-schema.ts';

/** Writes the published JSON Schema. A test fails when it is not what this would write. */
writeFileSync(new URL('../config-schema/moltbot.schema.json', import.meta.url), jsonSchemaText());

import * as v from 'valibot';
import { configSchema } from './schema.ts';

/** As much of a valibot schema as a walk along a path needs. */
interface SchemaNode {
  readonly type: string;
  readonly wrapped?: SchemaNode;
  readonly entries?: Readonly<Record<string, SchemaNode>>;
  readonly value?: SchemaNode;
  readonly item?: SchemaNode;
  readonly options?: readonly (SchemaNode | string)[];
}

/** The schema of what a path leads to, without its `optional` wrapping; undefined where the schema knows no such path. */
export function schemaAt(
  path: readonly (string | number)[],
  root: v.GenericSchema = configSchema,
): SchemaNode | undefined {
  let node: SchemaNode | undefined = unwrap(root as unknown as SchemaNode);
  for (const key of path) {
    node = node && childOf(node, String(key));
    if (!node) return undefined;
  }
  return node;
}

/** The keys that an object at this path may have; empty for a free one. */
export function knownKeysAt(path: readonly (string | number)[], root?: v.GenericSchema): string[] {
  return Object.keys(schemaAt(path, root)?.entries ?? {});
}

/** Whether the schema at this path takes the value. A path the schema does not know takes anything. */
export function acceptsValue(path: readonly (string | number)[], value: unknown): boolean {
  const schema = schemaAt(path);
  return schema === undefined || v.safeParse(schema as unknown as v.GenericSchema, value).success;
}

function childOf(node: SchemaNode, key: string): SchemaNode | undefined {
  if (node.type === 'union') return childOfUnion(node, key);
  const child = node.type === 'record' ? node.value : node.type === 'array' ? node.item : node.entries?.[key];
  return child && unwrap(child);
}

function childOfUnion(node: SchemaNode, key: string): SchemaNode | undefined {
  for (const option of node.options ?? []) {
    const child = typeof option === 'string' ? undefined : childOf(unwrap(option), key);
    if (child) return child;
  }
  return undefined;
}

function unwrap(node: SchemaNode): SchemaNode {
  return node.wrapped ? unwrap(node.wrapped) : node;
}

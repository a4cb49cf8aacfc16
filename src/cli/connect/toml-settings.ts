import { isDeepStrictEqual } from 'node:util';
import { parse } from 'smol-toml';
import type { ConfigEdit } from '../../config/apply-edits.ts';
import type { ConfigPath } from '../../config/path.ts';
import { cannotChange } from './cannot-change.ts';
import type { SettingsFormat } from './client.ts';
import { type TomlStatement, tomlStatements } from './toml-statements.ts';

/**
 * TOML. A key of the root takes a string, a deeper path a table of strings, numbers, lists and such tables; that is all
 * that is written here. What comes out is read back and compared with what was meant.
 */
export const tomlSettings: SettingsFormat = {
  name: 'TOML',
  read: readToml,
  change(text, edits) {
    let cause: unknown;
    try {
      const changed = edits.reduce(applyEdit, text);
      if (isDeepStrictEqual(plain(readToml(changed)), plain(edits.reduce(meant, readToml(text))))) return changed;
    } catch (error) {
      // An edit that breaks the file is one that does not read back.
      cause = error;
    }
    throw cannotChange(edits, cause);
  },
};

function readToml(text: string): Record<string, unknown> {
  return parse(text, { integersAsBigInt: 'asNeeded' });
}

function applyEdit(text: string, { path, value }: ConfigEdit): string {
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  if (path.length === 1) {
    const pair = rootPair(text, path[0]!);
    if (value === undefined) return pair ? withoutLines(text, pair.start, pair.end) : text;
    if (pair) return text.slice(0, pair.valueStart) + rendered(value) + text.slice(pair.end);
    return insertRootPair(text, `${path[0]} = ${rendered(value)}`, newline);
  }
  const without = withoutTables(text, path);
  if (value === undefined) return without;
  const gap = without.trim() === '' ? '' : /\n$/.test(without) ? newline : newline + newline;
  return without + gap + tableLines(path, value as Record<string, unknown>).join(newline) + newline;
}

function rootPair(text: string, name: string): TomlStatement | undefined {
  return rootPairs(text).find(({ names }) => names.length === 1 && names[0] === name);
}

function rootPairs(text: string): TomlStatement[] {
  const statements = tomlStatements(text);
  const firstTable = statements.findIndex(({ kind }) => kind === 'table');
  return firstTable === -1 ? statements : statements.slice(0, firstTable);
}

/** After the last pair of the root: whatever stands further down belongs to a table. */
function insertRootPair(text: string, line: string, newline: string): string {
  const last = rootPairs(text).at(-1);
  if (!last) {
    const start = text.startsWith('\uFEFF') ? 1 : 0;
    return text.slice(0, start) + line + newline + text.slice(start);
  }
  const at = lineEnd(text, last.end);
  return text.slice(0, at) + newline + line + text.slice(at);
}

function withoutTables(text: string, path: ConfigPath): string {
  const statements = tomlStatements(text);
  const isOurs = ({ names }: TomlStatement) => path.every((name, index) => names[index] === name);
  const tables = statements.flatMap((statement, index) => {
    if (statement.kind !== 'table' || !isOurs(statement)) return [];
    const next = statements.findIndex(({ kind }, other) => other > index && kind === 'table');
    return [{ start: statement.start, end: statements[next === -1 ? statements.length - 1 : next - 1]!.end }];
  });
  return tables.reduceRight((rest, { start, end }) => {
    // With the empty line that was put before it.
    const before = rest.slice(0, start).replace(/(^|\n)\r?\n$/, '$1');
    return withoutLines(before + rest.slice(start), before.length, before.length + end - start);
  }, text);
}

function withoutLines(text: string, start: number, end: number): string {
  const before = text.slice(0, start).replace(/[ \t]+$/, '');
  return before + text.slice(lineEnd(text, end)).replace(/^\r?\n/, '');
}

function lineEnd(text: string, at: number): number {
  const end = text.slice(at).search(/\r?\n/);
  return end === -1 ? text.length : at + end;
}

function tableLines(path: ConfigPath, table: Record<string, unknown>): string[] {
  const entries = Object.entries(table);
  const own = entries.filter(([, value]) => !isTable(value)).map(([key, value]) => `${key} = ${rendered(value)}`);
  return [
    `[${path.join('.')}]`,
    ...own,
    ...entries.flatMap(([key, value]) => (isTable(value) ? ['', ...tableLines([...path, key], value)] : [])),
  ];
}

/** JSON's strings, numbers and lists of them are TOML's, but for one character. */
function rendered(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(rendered).join(', ')}]`;
  return JSON.stringify(value).replaceAll('\u007f', '\\u007f');
}

function meant(settings: Record<string, unknown>, { path, value }: ConfigEdit): Record<string, unknown> {
  let parent = settings;
  for (const key of path.slice(0, -1)) {
    if (parent[key] === undefined && value === undefined) return settings;
    parent[key] ??= {};
    parent = parent[key] as Record<string, unknown>;
  }
  if (value === undefined) delete parent[path.at(-1)!];
  else parent[path.at(-1)!] = value;
  return settings;
}

/** Without the classes that the parser gives dates and tables; a table that holds nothing is none. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Date || typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, plain(item)] as const);
  return Object.fromEntries(entries.filter(([, item]) => !isEmptyTable(item)));
}

function isEmptyTable(value: unknown): boolean {
  return isTable(value) && Object.keys(value).length === 0;
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

import { existsSync, globSync, statSync } from 'node:fs';
import { basename, isAbsolute, join } from 'node:path';
import type { ForeignCell } from '../../database/foreign-database.ts';
import type { TextReader } from './find.ts';
import { readClaudeCodeRouter } from './read-claude-code-router.ts';
import { readCliproxyapi, readCliproxyapiLogin } from './read-cliproxyapi.ts';
import { readLitellm } from './read-litellm.ts';
import { readAuthProfiles, readOpenclawConfig, readOpenclawEnvironment } from './read-openclaw.ts';
import type { DatabaseSource, SourceFile, TextSource } from './source-file.ts';

/** Where to look. */
export interface ImportPlace {
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `--from`: a file or a directory, absolute. */
  readonly from: string | undefined;
}

export interface ImportTool {
  readonly displayName: string;
  /** Its files that are there. */
  readonly files: (place: ImportPlace) => SourceFile[];
  /** Where it keeps them, for the sentence that says there are none. */
  readonly usualPlace: string;
}

export const IMPORT_TOOLS = ['openclaw', 'claude-code-router', 'litellm', 'cliproxyapi'] as const;

export type ImportToolId = (typeof IMPORT_TOOLS)[number];

/** File names and places: see the source of each reader. */
export const importTools: Readonly<Record<ImportToolId, ImportTool>> = {
  openclaw: { displayName: 'OpenClaw', files: openclawFiles, usualPlace: '~/.openclaw' },
  'claude-code-router': { displayName: 'claude-code-router', files: routerFiles, usualPlace: '~/.claude-code-router' },
  litellm: { displayName: 'LiteLLM', files: litellmFiles, usualPlace: '$CONFIG_FILE_PATH' },
  cliproxyapi: { displayName: 'CLIProxyAPI', files: cliproxyapiFiles, usualPlace: '~/.cli-proxy-api/config.yaml' },
};

/** Both forms of OpenClaw's cell: of an agent's own database, and of the one that agents share. */
const OPENCLAW_CELLS: readonly (ForeignCell & { read: TextReader })[] = [
  {
    table: 'auth_profile_store',
    keyColumn: 'store_key',
    key: 'primary',
    valueColumn: 'store_json',
    read: readAuthProfiles,
  },
  {
    table: 'config_machine_state',
    keyColumn: 'state_key',
    key: 'authProfiles.store',
    valueColumn: 'value_json',
    read: readAuthProfiles,
  },
];

/** Its state directory under today's name and the three it had before, with one directory below for each agent. */
function openclawFiles({ home, env, from }: ImportPlace): SourceFile[] {
  if (from !== undefined && isFile(from)) return [openclawFile(from)];
  const named = from ?? rooted(env.OPENCLAW_STATE_DIR, home) ?? rooted(env.CLAWDBOT_STATE_DIR, home);
  const roots = named ? [named] : ['openclaw', 'clawdbot', 'moltbot', 'moldbot'].map((name) => join(home, `.${name}`));
  const patterns = [
    '{state/openclaw,{.,agent,agents/*/agent}/openclaw-agent}.sqlite',
    '{.,agent,agents/*/agent}/{auth-profiles,auth}.json',
    'credentials/oauth.json',
    '{openclaw,clawdbot,moltbot,moldbot}.json',
    '.env',
    '{.,agent,agents/*/agent}/{models.json,auth-profiles.json.*,auth.json.*}',
    '{openclaw,clawdbot,moltbot,moldbot}.json.*',
  ];
  const found = roots.flatMap((root) => patterns.flatMap((pattern) => below(root, pattern)));
  if (!named) found.push(...below(join(home, '.config', 'openclaw'), 'gateway.env'));
  return found.map(openclawFile);
}

function openclawFile(path: string): SourceFile {
  const name = basename(path);
  if (/\.sqlite$/.test(name)) return database(path, OPENCLAW_CELLS);
  if (/\.env$/.test(name)) return text(path, 'env', readOpenclawEnvironment);
  if (/^(?:openclaw|clawdbot|moltbot|moldbot)\.json$/.test(name)) return text(path, 'json', readOpenclawConfig);
  // What OpenClaw derives from the others (`models.json`) or keeps of what it has taken over (`.migrated-…`, `.bak`).
  if (/^models\.json$|\.json\./.test(name)) return text(path, 'json');
  return text(path, 'json', readAuthProfiles);
}

function routerFiles({ home, from }: ImportPlace): SourceFile[] {
  if (from !== undefined && isFile(from)) return [routerFile(from)];
  const root = from ?? join(home, '.claude-code-router');
  return ['config.sqlite', 'config.json', 'config.json.*'].flatMap((pattern) => below(root, pattern)).map(routerFile);
}

function routerFile(path: string): SourceFile {
  const cell = { table: 'app_config', keyColumn: 'key', key: 'default', valueColumn: 'value_json' };
  if (/\.sqlite$/.test(path)) return database(path, [{ ...cell, read: readClaudeCodeRouter }]);
  return /\.json\./.test(basename(path)) ? text(path, 'json') : text(path, 'json', readClaudeCodeRouter);
}

/** LiteLLM has no place of its own: its config is named when it is started, by `--config` or `CONFIG_FILE_PATH`. */
function litellmFiles({ home, env, from }: ImportPlace): SourceFile[] {
  const path = from ?? rooted(env.CONFIG_FILE_PATH, home);
  if (path === undefined) return [];
  const files = isFile(path) ? [path] : below(path, '{config,litellm_config,litellm-config,proxy_config}.{yaml,yml}');
  return files.map((file) => text(file, 'yaml', readLitellm));
}

/** Homebrew installs it with its configuration in `etc`. */
function cliproxyapiFiles({ home, env, from }: ImportPlace): SourceFile[] {
  if (from !== undefined && isFile(from)) return [cliproxyapiFile(from)];
  const own = from ?? join(home, '.cli-proxy-api');
  const etc = [env.HOMEBREW_PREFIX, '/opt/homebrew', '/usr/local'].flatMap((prefix) =>
    prefix ? [join(prefix, 'etc')] : [],
  );
  const found = [
    ...below(own, '{config.yaml,config.yml,cliproxyapi.conf,*.json}'),
    ...(from === undefined ? etc.flatMap((folder) => below(folder, 'cliproxyapi.conf')) : []),
  ];
  return [...new Set(found)].map(cliproxyapiFile);
}

function cliproxyapiFile(path: string): SourceFile {
  return /\.json$/.test(path) ? text(path, 'json', readCliproxyapiLogin) : text(path, 'yaml', readCliproxyapi);
}

function text(path: string, format: TextSource['format'], read?: TextReader): TextSource {
  return { kind: 'text', path, format, ...(read && { read }) };
}

function database(path: string, cells: DatabaseSource['cells']): DatabaseSource {
  return { kind: 'database', path, cells };
}

/** In the order of names, so that two runs see the same. */
function below(root: string, pattern: string): string[] {
  return globSync(pattern, { cwd: root })
    .sort()
    .map((name) => join(root, name));
}

/** What a variable names. A relative path would mean another file in every directory, so it means none. */
function rooted(path: string | undefined, home: string): string | undefined {
  if (path?.startsWith('~/')) return join(home, path.slice(2));
  return path !== undefined && isAbsolute(path) ? path : undefined;
}

function isFile(path: string): boolean {
  return existsSync(path) && !statSync(path).isDirectory();
}

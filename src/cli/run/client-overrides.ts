import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import JSON5 from 'json5';

/** Names in Claude Code's `env` setting that win over the environment it is started with. */
const CLAUDE_VARIABLES = [
  'ANTHROPIC_BASE_URL',
  'ANTHROPIC_AUTH_TOKEN',
  'ANTHROPIC_API_KEY',
  'CLAUDE_CODE_USE_BEDROCK',
  'CLAUDE_CODE_USE_VERTEX',
];

interface Places {
  readonly home: string;
  readonly workingDirectory: string;
  /** `CLAUDE_CONFIG_DIR` */
  readonly claudeDir?: string | undefined;
}

/** A setting of a client itself that wins over what it is told by its environment. */
export interface ClientOverride {
  readonly file: string;
  /** `env.ANTHROPIC_BASE_URL`, `apiKeyHelper` */
  readonly key: string;
}

/**
 * Settings of the client itself that would send it past the gateway. Only for Claude Code: it reads them after the
 * environment. A base URL that leads to `ours` is fine.
 */
export function clientOverrides(program: string, places: Places, ours?: string): ClientOverride[] {
  if (!isClaude(program)) return [];
  const own = join(places.claudeDir ?? join(places.home, '.claude'), 'settings.json');
  const files = new Set([own, ...projectSettings(places.workingDirectory)]);
  return [...files].flatMap((file) => overridesIn(file, ours));
}

/** What the settings of the project in this directory set in the place of a person's own ones, each as a sentence. */
export function projectOverrides(workingDirectory: string, own: string, ours: string): string[] {
  return projectSettings(workingDirectory)
    .filter((file) => file !== own)
    .flatMap((file) => overridesIn(file, ours))
    .map(({ file, key }) => `${file} sets ${key}, which wins there.`);
}

export function isClaude(program: string): boolean {
  return /^claude(\.(exe|cmd))?$/.test(basename(program));
}

function projectSettings(workingDirectory: string): string[] {
  return ['settings.json', 'settings.local.json'].map((name) => join(workingDirectory, '.claude', name));
}

function overridesIn(file: string, ours: string | undefined): ClientOverride[] {
  const settings = readSettings(file);
  const env = asRecord(settings.env);
  const isOurs = (name: string) => name === 'ANTHROPIC_BASE_URL' && ours !== undefined && env[name] === ours;
  const variables = CLAUDE_VARIABLES.filter((name) => name in env && !isOurs(name)).map((name) => `env.${name}`);
  return [...variables, ...('apiKeyHelper' in settings ? ['apiKeyHelper'] : [])].map((key) => ({ file, key }));
}

function readSettings(file: string): Record<string, unknown> {
  try {
    return asRecord(JSON5.parse(readFileSync(file, 'utf8')));
  } catch {
    // Not there or not readable by us: the client will say so itself if it minds.
    return {};
  }
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

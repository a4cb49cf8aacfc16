import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import type { App } from '../../app.ts';
import { MoltbotError } from '../../core/errors.ts';
import { printable } from '../../core/text.ts';
import { fingerprintOf } from '../../profiles/fingerprint.ts';
import { confirmWidening } from '../guard.ts';
import type { VaultKind } from '../onboarding/vault-choice.ts';
import { hasTerminal, needsTerminal } from '../prompts/terminal.ts';
import { bringCredentials } from './bring-credentials.ts';
import { confirmOrigins, parseOrigins } from './confirm-origins.ts';
import type { ImportItem } from './import-item.ts';
import { type ImportTool, type ImportToolId, importTools } from './import-tools.ts';
import { planImport } from './plan-import.ts';
import { readSources, type Sources } from './read-sources.ts';

export interface ImportOptions {
  readonly agentId: string;
  /** Undefined: the tool's usual places. */
  readonly from: string | undefined;
  readonly dryRun: boolean;
  readonly yes: boolean;
  readonly origins: readonly string[];
  readonly replace: boolean;
  readonly skipTest: boolean;
  readonly scrubSource: boolean;
  readonly vault: VaultKind | undefined;
}

export interface Imported {
  readonly tool: ImportTool;
  readonly sources: Sources;
  readonly items: readonly ImportItem[];
}

/**
 * The straight line of an import: files, finds, plan, guard, origins, test calls, vault. A dry run ends with the plan: it
 * writes nothing and asks nobody. Fails with NO_CREDENTIALS or USAGE when there is nothing to read, and as the vault fails.
 */
export async function runImport(
  app: App,
  toolId: ImportToolId,
  options: ImportOptions,
  note: (line: string) => void,
): Promise<Imported> {
  const tool = importTools[toolId];
  const origins = parseOrigins(options.origins);
  if (options.scrubSource && !options.dryRun && !options.yes && !hasTerminal()) {
    throw needsTerminal('--scrub-source asks before it changes files', 'Say yes on the command line: --yes');
  }
  const sources = readTool(app, tool, options.from);
  for (const warning of sources.warnings) note(warning);
  const planned = planImport(sources.finds, settingOf(app, options), app.now());
  if (options.dryRun) return { tool, sources, items: planned };
  if (planned.some(({ status }) => status === 'planned')) await confirmWidening(app, 'import keys');
  const confirmed = await confirmOrigins(planned, { yes: options.yes, origins });
  return { tool, sources, items: await bringCredentials(app, confirmed, { ...options, note }) };
}

function readTool(app: App, tool: ImportTool, given: string | undefined): Sources {
  const from = given === undefined ? undefined : resolve(given);
  if (from !== undefined && !existsSync(from)) throw notThere(from);
  // Our own config is none of theirs, even where the directory once was.
  const files = tool
    .files({ home: homedir(), env: app.processEnv, from })
    .filter(({ path }) => path !== app.paths.configFile);
  if (files.length === 0) throw nothingThere(tool, from);
  return readSources(files, { tool: tool.displayName, variable: (name) => app.processEnv[name] });
}

function settingOf(app: App, { agentId, replace }: ImportOptions) {
  const stores = app.storesForReading();
  return {
    agentId,
    replace,
    providers: app.providers(),
    profiles: stores?.profiles.list(agentId) ?? [],
    fingerprintOf: (secret: Parameters<typeof fingerprintOf>[1]) => fingerprintOf(stores!.database, secret),
  };
}

function notThere(path: string): MoltbotError {
  return new MoltbotError('USAGE', `${printable(path)} is not there.`, {
    hint: 'Give the file or its directory with --from.',
  });
}

function nothingThere(tool: ImportTool, from: string | undefined): MoltbotError {
  const code = from === undefined ? 'NO_CREDENTIALS' : 'USAGE';
  const place = from === undefined ? tool.usualPlace : printable(from);
  return new MoltbotError(code, `No files of ${tool.displayName} are at ${place}.`, {
    hint: 'Say where they are: --from <file or directory>',
  });
}

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { EditResult } from '../config/edit.ts';
import { configFromText, digestOf, readConfigText } from '../config/load.ts';
import { ensurePrivateDirectory } from '../config/paths.ts';
import { replaceFile } from '../config/replace-file.ts';
import { MoltbotError } from '../core/errors.ts';
import { auditedRewrite, type EditingApp } from './audited-edit.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What a person has written in place of the config; not taken over yet. */
export interface ConfigDraft {
  readonly text: string;
  /** Puts it in the config's place, unless that has changed meanwhile. */
  takeOver(): EditResult;
}

/**
 * Lets a person edit a draft of the config, which may take the place of a broken one. Fails with CONFIG_INVALID, naming
 * the draft's line, when it is not valid. A draft that was not taken over is kept and opened the next time.
 */
export function editDraft(app: EditingApp, env: Environment, hasTerminal: boolean): ConfigDraft {
  const place = app.paths;
  ensurePrivateDirectory(place.stateDir);
  ensurePrivateDirectory(place.versionsDir);
  const before = readConfigText(place.configFile);
  // A draft belongs to the text it was made from: an old one must not undo what changed since.
  const draftFile = join(place.versionsDir, `draft-${digestOf(before).slice(0, 12)}.json5`);
  if (!existsSync(draftFile)) replaceFile(draftFile, before ?? '{\n}\n');
  runEditor(editorOf(env, hasTerminal), draftFile);
  const text = readFileSync(draftFile, 'utf8');
  configFromText(draftFile, text, env);
  const expectedDigest = digestOf(before);
  return {
    text,
    takeOver() {
      const result = auditedRewrite(app, () => text, { expectedDigest, evenIfInvalid: true });
      rmSync(draftFile, { force: true });
      return result;
    },
  };
}

function editorOf(env: Environment, hasTerminal: boolean): string {
  const editor = env.VISUAL || env.EDITOR || (hasTerminal ? 'vi' : undefined);
  if (editor) return editor;
  throw new MoltbotError('USAGE', 'There is no terminal and no editor is named.', {
    hint: 'Name one (export EDITOR=…), or change single values: moltbot config set --help',
  });
}

/** By the shell, because `$EDITOR` may have arguments (`code --wait`); the file's name is no part of that text. */
function runEditor(editor: string, file: string): void {
  const { status, error } = spawnSync('sh', ['-c', `${editor} "$1"`, 'sh', file], { stdio: ['inherit', 2, 'inherit'] });
  if (status === 0 && !error) return;
  throw new MoltbotError('INTERRUPTED', 'The editor ended with a failure; nothing was changed.', {
    hint: 'Your draft is kept. Go on with: moltbot config edit',
  });
}

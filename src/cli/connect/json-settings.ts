import JSON5 from 'json5';
import { applyEdits } from '../../config/apply-edits.ts';
import { spansOf } from '../../config/json5-spans.ts';
import { isMoltbotError, MoltbotError } from '../../core/errors.ts';
import { cannotChange } from './cannot-change.ts';
import type { SettingsFormat } from './client.ts';

/** Stands in an object without keys while others are added, so that these are written as strict JSON. */
const PLACEHOLDER = 'moltbot-was-here';

/** JSON, with or without comments: what was strict stays strict. */
export const jsonSettings: SettingsFormat = {
  name: 'JSON',
  read(text) {
    const settings: unknown = text.trim() === '' ? {} : JSON5.parse(text);
    if (typeof settings === 'object' && settings !== null && !Array.isArray(settings)) {
      return settings as Record<string, unknown>;
    }
    throw new SyntaxError('not an object');
  },
  change(text, edits) {
    if (edits.length === 0) return text;
    try {
      const { seeded, isSeeded } = withFirstKey(text);
      const changed = applyEdits(seeded, edits);
      return isSeeded ? applyEdits(changed, [{ path: [PLACEHOLDER], value: undefined }]) : changed;
    } catch (error) {
      if (error instanceof MoltbotError && !isMoltbotError(error, 'CONFIG_EDIT_REFUSED')) throw error;
      throw cannotChange(edits, error);
    }
  },
};

/** The style of new keys is taken from those that are there: without any, from this one. */
function withFirstKey(text: string): { seeded: string; isSeeded: boolean } {
  if (text.trim() === '') return { seeded: `{\n  "${PLACEHOLDER}": 0\n}\n`, isSeeded: true };
  const root = spansOf(text);
  if (root.kind !== 'object' || root.properties.length > 0) return { seeded: text, isSeeded: false };
  const [head, tail] = [text.slice(0, root.start + 1), text.slice(root.start + 1)];
  const newline = /^\s*[\r\n]/.test(tail) ? '' : '\n';
  return { seeded: `${head}\n  "${PLACEHOLDER}": 0${newline}${tail}`, isSeeded: true };
}

import type { App } from '../../app.ts';
import { formatModelRef, resolveModelRef } from '../../config/model-ref.ts';
import { MoltbotError } from '../../core/errors.ts';
import { printable } from '../../core/text.ts';
import { auditedEdit } from '../audited-edit.ts';

/** The model a person named for an agent, in its one spelling. MODEL_NOT_FOUND. */
export function agentModelRef(app: App, text: string): string {
  const ref = resolveModelRef(app.config().config, text);
  if (ref && app.providers().has(ref.provider)) return formatModelRef(ref);
  throw new MoltbotError('MODEL_NOT_FOUND', `There is no model "${printable(text)}".`, {
    hint: 'See what there is: moltbot models list --all',
  });
}

/** Writes an agent's default model into the config. Fails as `editConfig`. */
export function writeAgentModel(app: App, agentId: string, model: string): void {
  const { list } = app.config().config.agents;
  const index = list.findIndex(({ id }) => id === agentId);
  const edit =
    index === -1
      ? { path: ['agents', 'list', String(list.length)], value: { id: agentId, model: { primary: model } } }
      : { path: ['agents', 'list', String(index), 'model', 'primary'], value: model };
  // An absent list cannot take an element at an index, so it is written whole.
  const edits = list.length === 0 ? [{ path: ['agents', 'list'], value: [edit.value] }] : [edit];
  auditedEdit(app, edits, { expectedDigest: app.config().digest });
}

import { printable } from '../../core/text.ts';
import { gatewayHost } from '../../gateway/gateway-file.ts';
import type { Client } from './client.ts';
import type { UndoneConnection } from './undo-connection.ts';

/** What `--undo` did, and what it could not. */
export function undoSentences({ name, id }: Client, { file, outcome, left }: UndoneConnection): string[] {
  const path = printable(file ?? '');
  const where = `(gateway host ${gatewayHost().host})`;
  const first = {
    'given back': `${path} is as it was before ${where}.`,
    removed: `${path} is removed: it was not there before ${where}.`,
    'taken out': `${path} was edited since: only moltbot's settings were taken out ${where}.`,
    gone: `${path} is gone; there was nothing left to take out ${where}.`,
    'not connected': `${name} is not connected. Connect it: moltbot connect ${id}`,
  }[outcome];
  if (left.length === 0) return [first];
  return [first, `Changed by somebody since, and left as they are: ${left.join(', ')}.`];
}

import type { AlertRow } from './alert-store.ts';

/** An alert as lists, the API and its events give it: `at` in epoch ms, like everything there. */
export function alertJson({ id, atMs, kind, subject, text, detail }: AlertRow) {
  return { id, at: atMs, kind, subject, text, detail };
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AlertStore } from '../../src/alerts/alert-store.ts';
import { DAY_MS } from '../../src/core/time.ts';
import { Database } from '../../src/database/database.ts';
import { MESSAGE } from '../fakes/alert-message.ts';

let directory: string;
let database: Database;
let store: AlertStore;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'moltbot-alerts-'));
  database = Database.open(join(directory, 'state.sqlite'));
  store = new AlertStore(database);
});
afterEach(() => {
  database.close();
  rmSync(directory, { recursive: true, force: true });
});

const { id, atMs, kind, subject, text, detail } = MESSAGE;
const ALERT = { id, atMs, kind, subject, text, detail };
const idsOf = (rows: readonly { readonly id: string }[]) => rows.map((row) => row.id);

describe('the list of alerts', () => {
  it('gives back what was told, newest first and page by page', () => {
    for (const each of ['alt_1', 'alt_2', 'alt_3']) store.add({ ...ALERT, id: each });
    const [first, second] = store.newest({ limit: 2 });
    expect([first, second]).toEqual([
      { ...ALERT, seq: 3, id: 'alt_3' },
      { ...ALERT, seq: 2, id: 'alt_2' },
    ]);
    expect(idsOf(store.newest({ beforeSeq: 2, limit: 2 }))).toEqual(['alt_1']);
    expect(idsOf(store.after({ afterSeq: 1, limit: 9 }))).toEqual(['alt_2', 'alt_3']);
  });

  it('forgets after 90 days, and gives no place twice', () => {
    store.add({ ...ALERT, id: 'alt_old' });
    store.add({ ...ALERT, id: 'alt_kept', atMs: atMs + DAY_MS });
    store.add({ ...ALERT, id: 'alt_new', atMs: atMs + 91 * DAY_MS });
    expect(idsOf(store.newest({ limit: 9 }))).toEqual(['alt_new', 'alt_kept']);
    store.add({ ...ALERT, id: 'alt_last', atMs: atMs + 400 * DAY_MS });
    expect([idsOf(store.newest({ limit: 9 })), store.lastSeq()]).toEqual([['alt_last'], 4]);
  });

  it('is empty at first', () => {
    expect([store.newest({ limit: 9 }), store.lastSeq()]).toEqual([[], 0]);
  });
});

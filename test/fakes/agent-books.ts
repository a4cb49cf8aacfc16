import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AgentStore } from '../../src/agents/agent-store.ts';
import type { AgentBooks } from '../../src/agents/change-agents.ts';
import { PauseStore } from '../../src/agents/pause-store.ts';
import { TokenStore } from '../../src/agents/token-store.ts';
import { AuditLog } from '../../src/audit/audit-log.ts';
import { Database } from '../../src/database/database.ts';

/** The books over a real database of their own; `using` deletes it. */
export function openBooks(): AgentBooks & Disposable & { readonly story: () => string[] } {
  const directory = mkdtempSync(join(tmpdir(), 'moltbot-books-'));
  const database = Database.open(join(directory, 'state.sqlite'));
  const books = booksOver(database);
  return {
    ...books,
    story: () => storyOf(books),
    [Symbol.dispose]() {
      database.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

export function booksOver(database: Database): AgentBooks {
  return {
    database,
    agents: new AgentStore(database),
    tokens: new TokenStore(database),
    pauses: new PauseStore(database),
    audit: new AuditLog(database),
  };
}

/** The audit in the fewest words, oldest first: `person:ann agent.added reviewer`. */
export function storyOf({ audit }: AgentBooks): string[] {
  return audit.after({ limit: 1_000 }).map(({ actor, action, subject }) => `${actor} ${action} ${subject}`);
}

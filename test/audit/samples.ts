import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { AuditLog } from '../../src/audit/audit-log.ts';
import { Database } from '../../src/database/database.ts';

export const KEY = Buffer.alloc(32, 7);

/** A real database in a folder of its own, with somebody who can change it past every trigger. */
export function auditBooks() {
  const directory = mkdtempSync(join(tmpdir(), 'moltbot-audit-'));
  const path = join(directory, 'state.sqlite');
  const database = Database.open(path);
  const audit = new AuditLog(database);
  return {
    path,
    database,
    audit,
    append(count: number, from = 1) {
      for (let n = from; n < from + count; n++) {
        const detail = { agentId: 'reviewer', code: `C-${n}` };
        audit.append(
          { actor: 'person:alice', action: 'enrollment.approved', subject: `agent-${n}`, detail },
          1_000 + n,
        );
      }
    },
    /** What somebody with the file can do. */
    tamper(sql: string) {
      const other = new DatabaseSync(path);
      other.exec('DROP TRIGGER IF EXISTS audit_keeps_rows; DROP TRIGGER IF EXISTS audit_keeps_content');
      other.exec('DROP TRIGGER IF EXISTS ledger_keeps_completed');
      other.exec(sql);
      other.close();
    },
    [Symbol.dispose]() {
      database.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

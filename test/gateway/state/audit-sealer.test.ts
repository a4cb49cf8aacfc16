import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { sealAll } from '../../../src/audit/seal.ts';
import { verifyChain } from '../../../src/audit/verify.ts';
import { AuditSealer } from '../../../src/gateway/state/audit-sealer.ts';
import { auditBooks, KEY } from '../../audit/samples.ts';

async function sealerOf({ database, audit }: ReturnType<typeof auditBooks>) {
  const lines: string[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) });
  const sealer = new AuditSealer({ database, audit, log, readKey: async () => KEY, now: () => 5_000 });
  await sealer.ask();
  return { sealer, lines };
}

describe('the sealer of a running gateway', () => {
  it.each([
    ['a beat', (sealer: AuditSealer) => sealer.beat()],
    ['its end', (sealer: AuditSealer) => sealer.finish()],
  ])('seals no rows whose seals were taken away and says so, at %s', async (_, work) => {
    using books = auditBooks();
    const { sealer, lines } = await sealerOf(books);
    books.append(5);
    sealer.beat();
    expect(verifyChain(books.database, KEY)).toMatchObject({ sealed: 5, fault: undefined });
    books.tamper("UPDATE audit SET mac = NULL WHERE seq >= 4; UPDATE audit SET subject = 'mallory' WHERE seq = 4");
    work(sealer);
    books.append(1, 6);
    work(sealer);
    expect(verifyChain(books.database, KEY)).toMatchObject({
      rows: 7,
      sealed: 3,
      fault: { seq: 6, kind: 'reported' },
    });
    expect(books.audit.before({ limit: 2 }).map(({ action, subject }) => [action, subject])).toEqual([
      ['enrollment.approved', 'agent-6'],
      ['audit.broken', '5'],
    ]);
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({ level: 50, code: 'AUDIT_BROKEN', seq: 5 }),
    ]);
  });

  it('leaves a trace that a later gateway seals and does not hide', async () => {
    using books = auditBooks();
    books.append(5);
    sealAll(books.database, KEY);
    const { sealer } = await sealerOf(books);
    books.tamper('UPDATE audit SET mac = NULL WHERE seq >= 4');
    sealer.beat();
    const later = await sealerOf(books);
    later.sealer.finish();
    expect(verifyChain(books.database, KEY)).toMatchObject({ unsealed: 0, fault: { seq: 6, kind: 'reported' } });
  });

  it('goes on where another process has sealed', async () => {
    using books = auditBooks();
    const { sealer, lines } = await sealerOf(books);
    books.append(2);
    sealer.beat();
    books.append(2, 3);
    sealAll(books.database, KEY);
    books.append(450, 5);
    sealer.finish();
    expect(verifyChain(books.database, KEY)).toMatchObject({ rows: 454, sealed: 454, fault: undefined });
    expect(lines).toEqual([]);
  });
});

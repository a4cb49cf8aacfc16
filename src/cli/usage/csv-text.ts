import { printable } from '../../core/text.ts';

/** Lines as RFC 4180 writes them. */
export function csvText(rows: readonly (readonly (string | number)[])[]): string {
  return rows.map((row) => `${row.map(cellText).join(',')}\r\n`).join('');
}

/** Names come from outside: one that begins like a formula must not become one, nor move a cursor. */
function cellText(cell: string | number): string {
  if (typeof cell === 'number') return String(cell);
  const text = printable(cell);
  const safe = /^[=+\-@]/.test(text) ? `'${text}` : text;
  return /[",]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

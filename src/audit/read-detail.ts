import type { AuditDetail } from './audit-log.ts';

/** What a row keeps as JSON. One that somebody has spoilt is shown as that, not hidden: `audit verify` names its row. */
export function readDetail(text: string): AuditDetail {
  try {
    const detail: unknown = JSON.parse(text);
    if (typeof detail === 'object' && detail !== null && !Array.isArray(detail)) return detail as AuditDetail;
  } catch {
    // No JSON any more.
  }
  return { damaged: true };
}

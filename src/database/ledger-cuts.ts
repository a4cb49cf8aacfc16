/** Finds the audit row that says up to where rows of the ledger went, however long the audit is. */
export const LEDGER_CUTS = `
  CREATE INDEX audit_ledger_pruned ON audit (seq) WHERE action = 'ledger.pruned';
  `;

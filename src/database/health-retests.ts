/**
 * The newest test of a profile that is out of credit, and whether a person waits for another. Goes with the state: a test
 * that passes clears both, a new refusal begins both anew.
 */
export const HEALTH_RETESTS = `
  ALTER TABLE health ADD COLUMN retest_asked_at_ms INTEGER;
  ALTER TABLE health ADD COLUMN retested_at_ms INTEGER;
  ALTER TABLE health ADD COLUMN retest_verdict TEXT;
  ALTER TABLE health ADD COLUMN retest_status INTEGER;
  ALTER TABLE health ADD COLUMN retest_error_type TEXT;
  `;

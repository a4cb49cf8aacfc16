/** What a request held of budgets, the label of its token that budgets go by, and what stays charged of a lost answer. */
export const LEDGER_RESERVATIONS = `
  ALTER TABLE ledger ADD COLUMN token_label TEXT;        -- of the access token, not of a header
  ALTER TABLE ledger ADD COLUMN reserved_nano_usd INTEGER; -- this and the next three: null where no budget applies
  ALTER TABLE ledger ADD COLUMN reserved_tokens INTEGER;
  ALTER TABLE ledger ADD COLUMN bound_nano_usd INTEGER;  -- the worst case
  ALTER TABLE ledger ADD COLUMN bound_tokens INTEGER;
  ALTER TABLE ledger ADD COLUMN held_nano_usd INTEGER;   -- stays charged because what it cost never came
  ALTER TABLE ledger ADD COLUMN held_tokens INTEGER;
  `;

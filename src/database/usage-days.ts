import { ADDED_TO_USAGE, USAGE_COUNTS, USAGE_KEYS, usageTable } from './usage-quarters.ts';

export const QUARTERS_A_DAY = 96;

/** Adds `counts` of a row of `usage_quarters` to its day. */
function toDay(counts: readonly string[]): string {
  const keys = USAGE_KEYS.map((key) => `NEW.${key}`);
  const values = [`NEW.quarter / ${QUARTERS_A_DAY} * ${QUARTERS_A_DAY}`, ...keys, ...counts];
  return `INSERT INTO usage_days VALUES (${values.join(', ')}) ${ADDED_TO_USAGE};`;
}

/**
 * The same sums by days of UTC, kept by whatever changes those by quarters: reports over many days read a hundredth of the
 * rows. `quarter` is the first one of the day.
 */
export const USAGE_DAYS = `
  ${usageTable('usage_days')}
  INSERT INTO usage_days
    SELECT quarter / ${QUARTERS_A_DAY} * ${QUARTERS_A_DAY} AS day, ${USAGE_KEYS.join(', ')},
      ${USAGE_COUNTS.map((count) => `sum(${count})`).join(', ')}
    FROM usage_quarters GROUP BY day, ${USAGE_KEYS.join(', ')};
  CREATE TRIGGER usage_days_begin AFTER INSERT ON usage_quarters
    BEGIN ${toDay(USAGE_COUNTS.map((count) => `NEW.${count}`))} END;
  CREATE TRIGGER usage_days_grow AFTER UPDATE ON usage_quarters
    BEGIN ${toDay(USAGE_COUNTS.map((count) => `NEW.${count} - OLD.${count}`))} END;
`;

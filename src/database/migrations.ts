import { ALERT_ROWS } from './alert-rows.ts';
import { BOOKED_ONCE } from './booked-once.ts';
import { BROKER_TABLES } from './broker-tables.ts';
import { BUDGET_STATES } from './budget-states.ts';
import { CACHE_CHOICES } from './cache-choices.ts';
import { CACHE_WRITES } from './cache-writes.ts';
import type { Database } from './database.ts';
import { ENROLLED_AT } from './enrolled-at.ts';
import { FIRST_TABLES } from './first-tables.ts';
import { HEALTH_RETESTS } from './health-retests.ts';
import { LEDGER_CUTS } from './ledger-cuts.ts';
import { LEDGER_RESERVATIONS } from './ledger-reservations.ts';
import { LEDGER_USAGE } from './ledger-usage.ts';
import { PROFILE_LIMITS } from './profile-limits.ts';
import { USAGE_DAYS } from './usage-days.ts';
import { USAGE_HOURS } from './usage-hours.ts';
import { HOURS_TO_QUARTERS } from './usage-quarters.ts';

/**
 * The schema, one entry per version, forward only. Never edit an entry that has shipped: add one.
 * Times are epoch milliseconds. No table holds a secret: credentials are in the vault, tokens are stored as SHA-256.
 */
export const MIGRATIONS: readonly string[] = [
  FIRST_TABLES,
  BROKER_TABLES,
  ENROLLED_AT,
  LEDGER_USAGE,
  BOOKED_ONCE,
  USAGE_HOURS,
  PROFILE_LIMITS,
  ALERT_ROWS,
  LEDGER_RESERVATIONS,
  HOURS_TO_QUARTERS,
  HEALTH_RETESTS,
  BUDGET_STATES,
  CACHE_CHOICES,
  CACHE_WRITES,
  LEDGER_CUTS,
  USAGE_DAYS,
];

export const SCHEMA_VERSION = MIGRATIONS.length;

/** Brings the database to SCHEMA_VERSION in one transaction; a crash leaves the old version. */
export function migrate(database: Database): void {
  database.transaction(() => {
    // Read again inside the transaction: another process may have migrated while this one waited for the lock.
    for (let version = database.schemaVersion(); version < SCHEMA_VERSION; version++)
      database.exec(MIGRATIONS[version]!);
    database.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
  });
}

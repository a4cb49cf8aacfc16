import { isMoltbotError } from '../../core/errors.ts';
import { HOUR_MS } from '../../core/time.ts';
import type { DoctorContext, Finding } from './finding.ts';

/** The state database is whole and nothing in it was left half-done. */
export function checkDatabase(context: DoctorContext): Finding[] {
  const { app } = context;
  try {
    const stores = app.storesForReading();
    if (!stores) return [{ check: 'database', level: 'ok', message: 'There is no state yet.' }];
    const broken = stores.database
      .all<{ quick_check: string }>('PRAGMA quick_check')
      .filter((row) => row.quick_check !== 'ok');
    if (broken.length > 0) return [damaged(app.paths.databaseFile)];
    return [{ check: 'database', level: 'ok', message: `${app.paths.databaseFile} is whole.` }, ...unfinished(context)];
  } catch (error) {
    if (!isMoltbotError(error, 'DATABASE_BUSY')) throw error;
    const remedy = error.hint === undefined ? {} : { remedy: error.hint };
    return [
      {
        check: 'database',
        level: 'problem',
        message: error.message,
        ...remedy,
        exitCode: error.exitCode,
        fix: () => migrate(context),
      },
    ];
  }
}

/** The clock is not before something that has already happened. */
export function checkClock({ app }: DoctorContext): Finding[] {
  const profiles = app.storesForReading()?.profiles.list() ?? [];
  const latestMs = Math.max(0, ...profiles.flatMap((profile) => [profile.createdAtMs, profile.lastUsedAtMs ?? 0]));
  if (latestMs <= app.now() + HOUR_MS)
    return [{ check: 'clock', level: 'ok', message: 'The clock is not behind what was written down.' }];
  return [
    {
      check: 'clock',
      level: 'problem',
      message:
        'The clock of this machine is behind a time that was already written down: expiries and cooldowns are wrong.',
      remedy: 'Set it: timedatectl set-ntp true',
      exitCode: 69,
    },
  ];
}

/** Records that a crash left between database and vault. */
function unfinished({ app }: DoctorContext): Finding[] {
  if (!app.config().config.vault) return [];
  return (app.storesForReading()?.profiles.unfinished() ?? []).map(({ agentId, profileId, state }) => ({
    check: 'database',
    level: 'warning',
    message: `Profile ${profileId} of agent ${agentId} was left half-done (${state}).`,
    remedy: 'moltbot doctor --fix',
    fix: async () => {
      const repairs = await app.credentials().repair();
      return repairs
        .map((repair) => `${repair.profileId}: ${repair.did}${repair.because ? ` (${repair.because})` : ''}`)
        .join('; ');
    },
  }));
}

function migrate({ app }: DoctorContext): string {
  app.stores();
  return `${app.paths.databaseFile} is up to date.`;
}

function damaged(path: string): Finding {
  return {
    check: 'database',
    level: 'problem',
    message: `The state database ${path} is damaged.`,
    remedy: `Move it away (mv ${path} ${path}.damaged) and add the credentials again; the vault is untouched.`,
    exitCode: 69,
  };
}

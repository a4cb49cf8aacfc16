import { accessSync, constants, type Stats, statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { webhookTarget } from '../../alerts/webhook-target.ts';
import { unsetReferences } from '../../config/environment.ts';
import type { DoctorContext, Finding } from './finding.ts';

const BY_OTHERS = 0o022;

/** The ways of alerts could work, as far as that is seen without using them. */
export function checkAlerts(context: DoctorContext): Finding[] {
  const unset = unsetVariables(context);
  if (unset.length > 0) return unset;
  const { command, webhook } = context.app.config().config.alerts;
  if (webhook) webhookTarget(webhook.url, webhook.allowPrivateNetwork ?? false);
  const faults = command ? faultsOf(command[0]!) : [];
  if (faults.length > 0 || !(command || webhook)) return faults;
  return [{ check: 'alerts', level: 'ok', message: 'The ways of alerts are set up. Try them: moltbot alerts test' }];
}

function unsetVariables({ app, env }: DoctorContext): Finding[] {
  return unsetReferences(app.config().raw, env)
    .filter(({ key }) => key.startsWith('alerts.'))
    .map(({ key, variable }) =>
      warning(
        `The config's ${key} needs the environment variable ${variable}, which is not set in this shell.`,
        `Set it where the gateway starts: export ${variable}=…`,
      ),
    );
}

/** The gateway runs this file with its own rights, so nobody else may decide what is in it. */
function faultsOf(program: string): Finding[] {
  if (!isAbsolute(program)) {
    const found = `The alert command "${program}" is not an absolute path, so what it is depends on who starts the gateway.`;
    return [warning(found, 'Write the whole path: moltbot config edit')];
  }
  const stats = statSync(program, { throwIfNoEntry: false });
  if (!stats?.isFile() || !isExecutable(program)) {
    return [
      warning(`The alert command ${program} is not an executable file.`, `Make it one: chmod +x ${program}`, program),
    ];
  }
  if (!mayOthersWrite(stats)) return [];
  const message = `The alert command ${program} can be changed by other users.`;
  return [{ ...warning(message, `chmod go-w ${program}`, program), level: 'problem', exitCode: 77 }];
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // Not for us to run, or gone meanwhile.
    return false;
  }
}

function mayOthersWrite({ mode, uid }: Stats): boolean {
  const own = process.getuid?.();
  if (own === undefined) return false;
  return (mode & BY_OTHERS) !== 0 || (uid !== own && uid !== 0);
}

function warning(message: string, remedy: string, file?: string): Finding {
  return { check: 'alerts', level: 'warning', message, remedy, ...(file !== undefined && { file }) };
}

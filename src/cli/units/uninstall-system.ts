import { existsSync, rmSync } from 'node:fs';
import { fileError } from '../../config/paths.ts';
import { MoltbotError } from '../../core/errors.ts';
import { gatewayHost } from '../../gateway/gateway-file.ts';
import { runCommands } from './run-commands.ts';
import { SYSTEM_PLACES, SYSTEM_USER } from './system-unit.ts';

const DISABLE = ['systemctl', 'disable', '--now', 'moltbot.service'];
const RELOAD = ['systemctl', 'daemon-reload'];

/** Ends the system service and deletes its unit. Its state, its key and its user stay: credentials are in there. */
export function uninstallSystem(program: string, log: (line: string) => void): object {
  const { unitFile, stateDir, keyDir } = SYSTEM_PLACES;
  const { host } = gatewayHost();
  const what = { file: unitFile, gatewayHost: host };
  if (!existsSync(unitFile)) {
    log('The gateway was not installed as a system service.');
    return { ...what, removed: false, left: [] };
  }
  if (process.geteuid?.() !== 0) throw needsRoot(program);
  const left = runCommands([DISABLE]).map((command) => command.join(' '));
  try {
    rmSync(unitFile, { force: true });
  } catch (error) {
    throw fileError(unitFile, 'removed', error);
  }
  runCommands([RELOAD]);
  log(`Removed ${unitFile} on ${host}.`);
  if (left.length > 0) log(`If the service still runs, end it with:\n  ${left.join('\n  ')}`);
  log(
    `Its credentials are still there. Delete them with: sudo rm -r ${stateDir} ${keyDir} && sudo userdel ${SYSTEM_USER}`,
  );
  return { ...what, removed: true, left };
}

function needsRoot(program: string): MoltbotError {
  return new MoltbotError('NOT_PERMITTED', 'The system service is taken back by root; nothing was done.', {
    hint: `Type: sudo ${process.execPath} ${program} gateway uninstall --system`,
  });
}

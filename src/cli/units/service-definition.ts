import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Paths } from '../../config/paths.ts';
import { MoltbotError } from '../../core/errors.ts';
import { outputFileOf } from '../gateway-process/spawn-gateway.ts';
import { LAUNCHD_LABEL, launchdPlist } from './launchd-plist.ts';
import { type GatewayService, systemdUnit } from './systemd-unit.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What a service manager of this machine wants: a file, and the commands that take it in and out. */
export interface ServiceDefinition {
  readonly file: string;
  readonly text: string;
  readonly install: readonly (readonly string[])[];
  readonly uninstall: readonly (readonly string[])[];
}

/** Variables that a gateway started at login would not get otherwise. Keys are never among them. */
const PASSED_ON = [
  'MOLTBOT_HOME',
  'MOLTBOT_CONFIG',
  'MOLTBOT_VAULT_KEY_FILE',
  'MOLTBOT_VAULT_PASSPHRASE_FILE',
  'NODE_EXTRA_CA_CERTS',
  'NO_PROXY',
];

export function gatewayService(program: string, env: Environment): GatewayService {
  const environment = PASSED_ON.flatMap((name) => (env[name] ? [[name, env[name]]] : []));
  return { command: [process.execPath, program, 'gateway', 'run'], environment: Object.fromEntries(environment) };
}

/** Fails with UNSUPPORTED where there is neither systemd nor launchd. */
export function serviceDefinition(service: GatewayService, paths: Paths, env: Environment): ServiceDefinition {
  const home = env.HOME || homedir();
  if (process.platform === 'linux') return systemdDefinition(service, env.XDG_CONFIG_HOME || join(home, '.config'));
  if (process.platform === 'darwin') return launchdDefinition(service, paths, home);
  throw new MoltbotError('UNSUPPORTED', 'There is no service manager on this system that moltbot knows.', {
    hint: 'Start the gateway yourself at login: moltbot gateway start',
  });
}

function systemdDefinition(service: GatewayService, configHome: string): ServiceDefinition {
  const systemctl = (...words: string[]) => ['systemctl', '--user', ...words];
  return {
    file: join(configHome, 'systemd', 'user', 'moltbot.service'),
    text: systemdUnit(service),
    install: [systemctl('daemon-reload'), systemctl('enable', '--now', 'moltbot.service')],
    uninstall: [systemctl('disable', '--now', 'moltbot.service')],
  };
}

function launchdDefinition(service: GatewayService, paths: Paths, home: string): ServiceDefinition {
  const file = join(home, 'Library', 'LaunchAgents', `${LAUNCHD_LABEL}.plist`);
  const domain = `gui/${process.getuid?.() ?? 501}`;
  return {
    file,
    text: launchdPlist(service, outputFileOf(paths)),
    install: [['launchctl', 'bootstrap', domain, file]],
    uninstall: [['launchctl', 'bootout', `${domain}/${LAUNCHD_LABEL}`]],
  };
}

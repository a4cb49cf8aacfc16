/** How a service manager is to start the gateway. */
export interface GatewayService {
  /** Absolute paths of Node and of `bin/run.js`, then the arguments. */
  readonly command: readonly string[];
  /** Variables that say where state, config and vault key are; never a credential. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * A systemd user unit (systemd.service(5), systemd.exec(5)). The manager restarts the gateway when it fails, but not
 * when its configuration (78), its rights (77) or what was typed (64) would only fail again.
 */
export function systemdUnit(service: GatewayService): string {
  return [
    '[Unit]',
    'Description=moltbot gateway',
    'After=network-online.target',
    '',
    '[Service]',
    'Type=simple',
    execStart(service),
    ...environmentOf(service),
    'Restart=on-failure',
    'RestartSec=5',
    'RestartPreventExitStatus=64 77 78',
    'UMask=0077',
    'NoNewPrivileges=true',
    'TimeoutStopSec=60',
    '',
    '[Install]',
    'WantedBy=default.target',
    '',
  ].join('\n');
}

export function execStart({ command }: GatewayService): string {
  return `ExecStart=${command.map((part) => quote(part.replaceAll('$', '$$$$'))).join(' ')}`;
}

export function environmentOf({ environment }: GatewayService): string[] {
  return Object.entries(environment).map(([name, value]) => `Environment=${quote(`${name}=${value}`)}`);
}

/** Double quotes with C escapes; `%` starts a specifier everywhere in a unit. */
function quote(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%').replaceAll('\n', '\\n')}"`;
}

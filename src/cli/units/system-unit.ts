import { environmentOf, execStart, type GatewayService } from './systemd-unit.ts';

/** The user, and the group of the same name whose members may use the management socket. */
export const SYSTEM_USER = 'moltbot';

/** Where a gateway of its own user keeps its things. The vault's key is outside the state: a copy of that opens nothing. */
export const SYSTEM_PLACES = {
  stateDir: '/var/lib/moltbot',
  keyDir: '/etc/moltbot',
  keyFile: '/etc/moltbot/vault.key',
  runtimeDir: '/run/moltbot',
  unitFile: '/etc/systemd/system/moltbot.service',
} as const;

/** What tells the gateway, and commands that are run as its user, where these things are. */
export const SYSTEM_ENVIRONMENT = {
  HOME: SYSTEM_PLACES.stateDir,
  MOLTBOT_HOME: SYSTEM_PLACES.stateDir,
  MOLTBOT_VAULT_KEY_FILE: SYSTEM_PLACES.keyFile,
  XDG_RUNTIME_DIR: SYSTEM_PLACES.runtimeDir,
} as const;

/**
 * A systemd system unit (systemd.exec(5)): the gateway as a user of its own that can write its state, the vault's key and
 * nothing else, has no capabilities and sees no homes. Without MemoryDenyWriteExecute, because V8 compiles at run time;
 * AF_NETLINK is how the C library lists addresses.
 */
export function systemUnit(service: GatewayService): string {
  return [
    '[Unit]',
    'Description=moltbot gateway',
    'Wants=network-online.target',
    'After=network-online.target',
    '',
    '[Service]',
    'Type=simple',
    `User=${SYSTEM_USER}`,
    `Group=${SYSTEM_USER}`,
    execStart(service),
    ...environmentOf(service),
    'Restart=on-failure',
    'RestartSec=5',
    'RestartPreventExitStatus=64 77 78',
    'TimeoutStopSec=60',
    'UMask=0077',
    'StateDirectory=moltbot',
    'StateDirectoryMode=0700',
    'RuntimeDirectory=moltbot',
    'RuntimeDirectoryMode=0755',
    `ReadWritePaths=${SYSTEM_PLACES.keyDir}`,
    ...HARDENING,
    '',
    '[Install]',
    'WantedBy=multi-user.target',
    '',
  ].join('\n');
}

const HARDENING = [
  'NoNewPrivileges=true',
  'CapabilityBoundingSet=',
  'AmbientCapabilities=',
  'ProtectSystem=strict',
  'ProtectHome=true',
  'PrivateTmp=true',
  'PrivateDevices=true',
  'ProtectProc=invisible',
  'ProtectClock=true',
  'ProtectHostname=true',
  'ProtectKernelLogs=true',
  'ProtectKernelModules=true',
  'ProtectKernelTunables=true',
  'ProtectControlGroups=true',
  'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK',
  'RestrictNamespaces=true',
  'RestrictRealtime=true',
  'RestrictSUIDSGID=true',
  'LockPersonality=true',
  'RemoveIPC=true',
  'KeyringMode=private',
  'LimitCORE=0',
  'SystemCallArchitectures=native',
  'SystemCallFilter=@system-service',
  'SystemCallErrorNumber=EPERM',
];

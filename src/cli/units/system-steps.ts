import { SYSTEM_ENVIRONMENT, SYSTEM_PLACES, SYSTEM_USER, systemUnit } from './system-unit.ts';

/** One thing that sets up a gateway with a user of its own, as it is done and as it is shown. */
export type SystemStep =
  | { readonly kind: 'command'; readonly command: readonly string[] }
  /** Belongs to that user. */
  | { readonly kind: 'directory'; readonly path: string; readonly mode: number }
  /** `owner` of the user's own files; a file of theirs that is there is left as it is. */
  | { readonly kind: 'file'; readonly path: string; readonly text: string; readonly owner: 'root' | 'moltbot' };

/** What a new gateway of its own user starts with: a vault that needs no login, and a socket for the group. */
const FIRST_CONFIG = `{
  vault: { kind: "file" },
  management: { socketGroup: "${SYSTEM_USER}" },
}
`;

/** Everything that `gateway install --system` does, in order. `program` is `bin/run.js`. */
export function installSteps(node: string, program: string): SystemStep[] {
  const unit = systemUnit({ command: [node, program, 'gateway', 'run'], environment: SYSTEM_ENVIRONMENT });
  const { stateDir, keyDir, unitFile } = SYSTEM_PLACES;
  return [
    { kind: 'command', command: ['groupadd', '--force', '--system', SYSTEM_USER] },
    { kind: 'command', command: USERADD },
    { kind: 'directory', path: stateDir, mode: 0o700 },
    { kind: 'directory', path: keyDir, mode: 0o700 },
    { kind: 'file', path: `${stateDir}/moltbot.json`, text: FIRST_CONFIG, owner: 'moltbot' },
    { kind: 'file', path: unitFile, text: unit, owner: 'root' },
    { kind: 'command', command: ['systemctl', 'daemon-reload'] },
    { kind: 'command', command: ['systemctl', 'enable', '--now', 'moltbot.service'] },
  ];
}

const USERADD = [
  'useradd',
  '--system',
  ...['--gid', SYSTEM_USER],
  ...['--home-dir', SYSTEM_PLACES.stateDir],
  '--no-create-home',
  ...['--shell', '/usr/sbin/nologin'],
  SYSTEM_USER,
];

/** A step as a line for a shell. The text of a file is shown by whoever lists the steps. */
export function stepLine(step: SystemStep): string {
  if (step.kind === 'command') return step.command.join(' ');
  if (step.kind === 'file') return `write ${step.path} (${step.owner}, ${step.owner === 'root' ? '0644' : '0600'})`;
  const mode = step.mode.toString(8).padStart(4, '0');
  return `install -d -o ${SYSTEM_USER} -g ${SYSTEM_USER} -m ${mode} ${step.path}`;
}

/** How a command is run for that gateway: as its user, with its places. */
export function asSystemUser(node: string, program: string): string {
  const places = Object.entries(SYSTEM_ENVIRONMENT).map(([name, value]) => `${name}=${value}`);
  return ['sudo', '-u', SYSTEM_USER, 'env', ...places, node, program].join(' ');
}

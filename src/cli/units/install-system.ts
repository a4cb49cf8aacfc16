import { MoltbotError } from '../../core/errors.ts';
import { gatewayHost } from '../../gateway/gateway-file.ts';
import { performSteps } from './perform-steps.ts';
import { assertReadableByAll } from './system-program.ts';
import { asSystemUser, installSteps, type SystemStep, stepLine } from './system-steps.ts';
import { SYSTEM_PLACES, SYSTEM_USER } from './system-unit.ts';

export interface SystemInstallation {
  readonly file: string;
  readonly text: string;
  /** As lines for a shell, in order. */
  readonly steps: readonly string[];
  readonly written: boolean;
  /** What the service manager did not take from us. */
  readonly left: readonly string[];
  readonly gatewayHost: string;
}

/**
 * `gateway install --system`: shows the unit and the steps (`print`), or does them. Without root it says them and what to
 * type, and fails with NOT_PERMITTED; UNSUPPORTED where there is no systemd to speak of.
 */
export function installSystem(
  program: string,
  { print, log }: { readonly print: boolean; readonly log: (line: string) => void },
): SystemInstallation {
  if (process.platform !== 'linux') throw unsupported();
  const steps = installSteps(process.execPath, program);
  const text = steps.flatMap((step) => (step.kind === 'file' && step.owner === 'root' ? [step.text] : [])).join('');
  const { host } = gatewayHost();
  const shown = { file: SYSTEM_PLACES.unitFile, text, steps: steps.map(stepLine), gatewayHost: host };
  if (print) {
    log(planText(steps));
    return { ...shown, written: false, left: [] };
  }
  if (process.geteuid?.() !== 0) {
    log(planText(steps));
    throw needsRoot(`${process.execPath} ${program} gateway install --system`);
  }
  assertReadableByAll([process.execPath, program]);
  const { left } = performSteps(steps);
  log(doneText(host, program, left));
  return { ...shown, written: true, left };
}

function planText(steps: readonly SystemStep[]): string {
  const files = steps.flatMap((step) => (step.kind === 'file' ? [`--- ${step.path}\n${step.text.trimEnd()}`] : []));
  return ['As root:', ...steps.map((step) => `  ${stepLine(step)}`), '', ...files].join('\n');
}

function doneText(host: string, program: string, left: readonly string[]): string {
  const asUser = asSystemUser(process.execPath, program);
  return [
    `Wrote ${SYSTEM_PLACES.unitFile} on ${host}: the gateway runs as the user ${SYSTEM_USER}.`,
    ...(left.length > 0
      ? [`The service manager did not take it from here. To finish, run:\n  ${left.join('\n  ')}`]
      : []),
    `Give it a credential: ${asUser} onboard`,
    `Let a person use its management socket: sudo usermod --append --groups ${SYSTEM_USER} <person>`,
  ].join('\n');
}

function needsRoot(command: string): MoltbotError {
  return new MoltbotError(
    'NOT_PERMITTED',
    'A user and a service for the whole system are made by root; nothing was done.',
    {
      hint: `Type: sudo ${command}`,
    },
  );
}

function unsupported(): MoltbotError {
  return new MoltbotError('UNSUPPORTED', 'A gateway with a user of its own is set up for systemd on Linux only.', {
    hint: 'Start it as another user yourself: docs/security.md',
  });
}

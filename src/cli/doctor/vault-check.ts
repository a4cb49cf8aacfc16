import { gatewayHost } from '../../gateway/gateway-file.ts';
import { fileIdentityOf } from '../../vault/open.ts';
import { survivesReboot, userLingers } from '../units/reboot.ts';
import type { DoctorContext, Finding } from './finding.ts';

const EXIT_UNAVAILABLE = 69;

/** The configured vault opens, and what happens to it after a reboot. Never prompts. */
export async function checkVault({ app, env }: DoctorContext): Promise<Finding[]> {
  const kind = app.config().config.vault?.kind;
  if (!kind) {
    return [{ check: 'vault', level: 'warning', message: 'No vault has been chosen yet.', remedy: 'moltbot onboard' }];
  }
  const { condition, detail, hint } = await app.vault().condition();
  if (condition !== 'ready') {
    return [
      {
        check: 'vault',
        level: 'problem',
        message: `The ${kind} vault is ${condition}: ${detail.replace(/\.$/, '')}.`,
        remedy: hint ?? KEYCHAIN_REMEDIES[condition],
        exitCode: EXIT_UNAVAILABLE,
      },
    ];
  }
  // Only reading the whole file shows a damaged byte; its own error says what to do. A keychain would be asked item by item.
  if (kind === 'file') await app.vault().keys();
  const identity = fileIdentityOf({ stateDir: app.paths.stateDir, env: { ...env } });
  return [
    { check: 'vault', level: 'ok', message: `The ${kind} vault: ${detail}.` },
    { check: 'vault', level: 'ok', message: survivesReboot(kind, identity, userLingers(gatewayHost().user)).why },
  ];
}

const KEYCHAIN_REMEDIES = {
  locked: 'Unlock the keychain: log in to the desktop.',
  unavailable: 'Start the keychain service.',
  damaged: 'Enter the credential again: moltbot models auth add',
} as const;

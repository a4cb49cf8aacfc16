import { gatewayHost } from '../../gateway/gateway-file.ts';
import { fileIdentityOf } from '../../vault/open.ts';
import { survivesReboot, userLingers } from '../units/reboot.ts';
import type { DoctorContext, Finding } from './finding.ts';

const EXIT_UNAVAILABLE = 69;

/** The configured vault opens, and what happens to it after a reboot. */
export async function checkVault({ app, env }: DoctorContext): Promise<Finding[]> {
  const kind = app.config().config.vault?.kind;
  if (!kind) {
    return [{ check: 'vault', level: 'warning', message: 'No vault has been chosen yet.', remedy: 'moltbot onboard' }];
  }
  const { condition, detail } = await app.vault().condition();
  const identity = fileIdentityOf({ stateDir: app.paths.stateDir, env: { ...env } });
  const reboot = survivesReboot(kind, identity, userLingers(gatewayHost().user));
  const afterReboot: Finding = { check: 'vault', level: 'ok', message: reboot.why };
  if (condition === 'ready')
    return [{ check: 'vault', level: 'ok', message: `The ${kind} vault: ${detail}.` }, afterReboot];
  return [
    {
      check: 'vault',
      level: 'problem',
      message: `The ${kind} vault is ${condition}: ${detail.replace(/\.$/, '')}.`,
      remedy: REMEDIES[condition],
      exitCode: EXIT_UNAVAILABLE,
    },
    afterReboot,
  ];
}

const REMEDIES = {
  locked: 'Unlock the keychain (log in to the desktop), or set MOLTBOT_VAULT_PASSPHRASE_FILE for the file vault.',
  unavailable: 'Start the keychain service, or bring the key file of the file vault back.',
  damaged: 'Bring vault.age back from a backup, or move it away and enter the credentials again.',
} as const;

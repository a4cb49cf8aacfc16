import { checkAlerts } from './alerts-check.ts';
import { checkAudit } from './audit-check.ts';
import { checkBudgets } from './budgets-check.ts';
import { checkCertificate } from './certificate-check.ts';
import { checkClients } from './clients-check.ts';
import { checkConfigFile } from './config-check.ts';
import { checkClock, checkDatabase } from './database-check.ts';
import { type Check, type DoctorContext, type Finding, runCheck } from './finding.ts';
import { checkPort, checkServiceEnvironment } from './gateway-check.ts';
import { checkPermissions } from './permissions-check.ts';
import { checkPrices } from './prices-check.ts';
import { checkProfiles } from './profiles-check.ts';
import { checkStrayKeys } from './stray-keys-check.ts';
import { checkVault } from './vault-check.ts';

/** In the order in which one mended thing helps the next. */
const CHECKS: readonly (readonly [name: string, check: Check])[] = [
  ['permissions', checkPermissions],
  ['config', checkConfigFile],
  ['database', checkDatabase],
  ['prices', checkPrices],
  ['vault', checkVault],
  ['audit', checkAudit],
  ['port', checkPort],
  ['certificate', checkCertificate],
  ['clock', checkClock],
  ['service', checkServiceEnvironment],
  ['profiles', checkProfiles],
  ['budgets', checkBudgets],
  ['clients', checkClients],
  ['alerts', checkAlerts],
  ['stray keys', checkStrayKeys],
];

/** Everything that can be wrong with this set-up, without the network. */
export async function examine(context: DoctorContext): Promise<Finding[]> {
  const byMessage = new Map<string, Finding>();
  for (const [name, check] of CHECKS) {
    for (const finding of await runCheck(name, check, context)) {
      // What does not open stops every check that needs it, with the same words: said once, by the check that can mend it.
      const said = byMessage.get(finding.message);
      if (!said || (finding.fix && !said.fix)) byMessage.set(finding.message, finding);
    }
  }
  return [...byMessage.values()];
}

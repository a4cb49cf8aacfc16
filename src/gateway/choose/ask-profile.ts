import { isMoltbotError, type MoltbotError } from '../../core/errors.ts';
import type { ProxyRequest } from '../admit/proxy-request.ts';
import { outcomeOfAttempt } from '../answer/ledger-outcome.ts';
import type { HeldPermit } from '../budget/permit.ts';
import { admissionOf } from '../forward/admission.ts';
import { attempt, type FailedAttempt, type JudgedAnswer } from '../forward/attempt.ts';
import type { GatewayParts } from '../gateway-parts.ts';
import type { ModelChoice } from './requested-model.ts';
import type { ServingProfile } from './roster.ts';

/**
 * Asks one profile, with its credential from the vault. `no secret`: the vault is open and has nothing for this profile.
 * An error: nothing was sent, because the vault cannot be asked or the request cannot be made for this profile.
 */
export async function askProfile(
  gateway: GatewayParts,
  request: ProxyRequest,
  model: ModelChoice,
  profile: ServingProfile,
  held: HeldPermit,
): Promise<Awaited<ReturnType<typeof attempt>> | MoltbotError | 'no secret'> {
  const { credentials, upstream, ledger, config, cacheTtls, counters, log, now } = gateway;
  const who = { profile: profile.id, agent: profile.agentId };
  try {
    const credential = await credentials.get(profile);
    if (credential) {
      const pool = () => upstream.pool(profile.destination);
      const settings = { wireModel: model.wireModel, params: cacheTtls.chosenParams(model) };
      const admit = async () => {
        request.exchange.attempts += 1;
        const entry = await ledger.admit(admissionOf(request, profile, settings, held.reserved, held.atMs ?? now()));
        held.letOut(entry.id);
        return entry;
      };
      const { gateway: limits, ledger: kept } = config();
      const asksChatUsage = kept.chatUsage === 'ask';
      const means = { pool, admit, limits: limits.timeouts, asksChatUsage, now };
      const result = await attempt(request, settings, profile, credential, means);
      if (!('failed' in result)) noteLimits(gateway, request, result);
      if ('failed' in result || result.errorBody) await closeUnserved(gateway, request, result);
      counters.noteAttempt(profile.provider.id, result.judgement.outcome, request.exchange.attempts > 1);
      return result;
    }
    log.warn(who, 'no secret in the vault for this profile');
    return 'no secret';
  } catch (error) {
    // What cannot be written down cannot be sent with any profile.
    if (!isMoltbotError(error) || error.gate === 'audit') throw error;
    log.warn({ ...who, code: error.code }, error.message);
    return error;
  }
}

/** No answer, or a refusal, which was read as a whole: all of it is known before anybody hears of it. */
function closeUnserved(
  { ledger, now }: GatewayParts,
  { exchange }: ProxyRequest,
  result: JudgedAnswer | FailedAttempt,
): Promise<void> {
  const { entry, judgement } = result;
  if (!('failed' in result)) entry.sentBytes = judgement.tryNext ? 0 : (result.errorBody?.bytes.length ?? 0);
  const end = { outcome: outcomeOfAttempt(judgement.outcome, exchange), endedAtMs: now() };
  return new Promise((resolve) => ledger.close(entry, end, () => resolve()));
}

/** Other routes have limits of their own, under the same names. */
function noteLimits({ later, now }: GatewayParts, { route }: ProxyRequest, { profile, answer }: JudgedAnswer): void {
  const isStored = profile.source === 'own' || profile.source === 'grant';
  if (isStored && route.purpose === 'generate') later.noteLimits(profile, answer, now());
}

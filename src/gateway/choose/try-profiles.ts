import { normalizeModel } from '../../catalog/models.ts';
import { isMoltbotError, type MoltbotError } from '../../core/errors.ts';
import { type Choice, choose } from '../../rotation/choose.ts';
import type { HealthState } from '../../rotation/types.ts';
import { forwardedModel } from '../admit/may-ask.ts';
import type { ProxyRequest } from '../admit/proxy-request.ts';
import { outcomeOfAttempt } from '../answer/ledger-outcome.ts';
import { admissionOf } from '../forward/admission.ts';
import { attempt, type FailedAttempt, type JudgedAnswer } from '../forward/attempt.ts';
import { forwardError } from '../forward/forward.ts';
import type { GatewayParts } from '../gateway-parts.ts';
import type { ModelChoice } from './requested-model.ts';
import type { Roster, ServingProfile } from './roster.ts';

/** What came of asking for one model with every profile that may serve. */
export type Tried =
  /** An answer that goes to the client, unless another model does better. */
  | { readonly kind: 'answer'; readonly judged: JudgedAnswer; readonly leftSubscription: boolean }
  | Blocked
  /** No answer, and no other profile may be tried. */
  | { readonly kind: 'failed'; readonly error: MoltbotError; readonly wasCancelled: boolean };

/** Every profile is unusable now. */
export interface Blocked {
  readonly kind: 'blocked';
  readonly choice: Exclude<Choice, { kind: 'use' }>;
  /** The refusal of the last profile that was asked for this request. */
  readonly last: JudgedAnswer | undefined;
  /** Profiles whose secret is not in the vault. */
  readonly missing: readonly string[];
}

/**
 * Choose, shape, forward, judge, and the next profile when the answer was about the credential: until one answers, none
 * is left, or the fault is not a profile's. Nothing has gone to the client yet.
 */
export async function tryProfiles(
  gateway: GatewayParts,
  request: ProxyRequest,
  model: ModelChoice,
  pin: string | undefined,
): Promise<Tried> {
  const tried = new Set<string>();
  const denied: JudgedAnswer[] = [];
  const missing: string[] = [];
  let last: JudgedAnswer | undefined;
  let unsent: MoltbotError | undefined;
  for (;;) {
    // Before each attempt: a key that was replaced, or a grant that ended, while this request was read or waited is not
    // used any more.
    gateway.refresh();
    const roster = gateway.rosterOf(request.agentId, model.provider);
    const choice = chooseProfile(gateway, request, model, roster, pin, tried);
    if (choice.kind !== 'use') {
      noteDenials(gateway, request, model, denied, false);
      if (unsent) throw unsent;
      return { kind: 'blocked', choice, last, missing };
    }
    const profile = roster.profiles.find(({ id }) => id === choice.profileId)!;
    tried.add(profile.id);
    noteUse(gateway, request, profile);
    request.exchange.askedProfile = profile;
    gateway.health.hold(choice.probes);
    try {
      const result = await ask(gateway, request, model, profile);
      if (result === 'no secret') {
        missing.push(profile.id);
        continue;
      }
      if (isMoltbotError(result)) {
        unsent = result;
        continue;
      }
      if ('failed' in result) return failure(gateway, request, profile, result);
      gateway.log.debug({ request: request.exchange.requestId, profile: profile.id, ...result.judgement }, 'answered');
      if (result.judgement.outcome === 'model_denied') denied.push(result);
      else noteOutcome(gateway, request, model, result, false);
      if (!result.judgement.tryNext) {
        noteDenials(gateway, request, model, denied, result.judgement.outcome === 'ok');
        return { kind: 'answer', judged: result, leftSubscription: choice.leavesSubscription };
      }
      last = result;
      // A file that is on its way cannot be sent again.
      if (request.upload) for (const { id } of roster.profiles) tried.add(id);
    } finally {
      gateway.health.release(choice.probes);
    }
  }
}

function noteUse({ now, later, grantUses }: GatewayParts, request: ProxyRequest, profile: ServingProfile): void {
  const { source, agentId, profileId } = profile;
  profile.lastUsedAtMs = now();
  if (source === 'own' || source === 'grant') later.noteUse({ agentId, profileId, atMs: now() });
  grantUses.note(profile, request.agentId, now());
}

/** Other routes have limits of their own, under the same names. */
function noteLimits({ later, now }: GatewayParts, { route }: ProxyRequest, { profile, answer }: JudgedAnswer): void {
  const isStored = profile.source === 'own' || profile.source === 'grant';
  if (isStored && route.purpose === 'generate') later.noteLimits(profile, answer, now());
}

function chooseProfile(
  { config, health, sessions, grantUses, now }: GatewayParts,
  request: ProxyRequest,
  model: ModelChoice,
  roster: Roster,
  pin: string | undefined,
  tried: ReadonlySet<string>,
): Choice {
  const { agentId, session } = request;
  const asked = {
    agentId,
    model: forwardedModel(request, model),
    otherModels: request.otherModels.map((name) => normalizeModel(model.provider.id, name)),
    isModelList: request.route.purpose === 'models',
  };
  const ours = [...roster.misdirected, ...grantUses.states(roster.profiles, asked, now())];
  const states: readonly HealthState[] = ours.length === 0 ? health.states : [...health.states, ...ours];
  const context = {
    agentId,
    model: model.healthModel,
    isClaudeCode: request.isClaudeCode,
    order: roster.order,
    pin,
    stickyProfileId: sessions.find({ agentId, provider: model.provider.id, session }, now()),
    paidFallback: config().auth.paidFallback,
    probing: health.probing,
    tried,
  };
  return choose(roster.profiles, states, context, now());
}

/**
 * `no secret`: the vault is open and has nothing for this profile. An error: nothing was sent, because the vault cannot
 * be asked or the request cannot be made for this profile; secrets of others may have been read before.
 */
async function ask(
  gateway: GatewayParts,
  request: ProxyRequest,
  model: ModelChoice,
  profile: ServingProfile,
): Promise<Awaited<ReturnType<typeof attempt>> | MoltbotError | 'no secret'> {
  const { credentials, upstream, ledger, config, counters, log, now } = gateway;
  const who = { profile: profile.id, agent: profile.agentId };
  try {
    const credential = await credentials.get(profile);
    if (credential) {
      const pool = () => upstream.pool(profile.destination);
      const admit = () => {
        request.exchange.attempts += 1;
        return ledger.admit(admissionOf(request, profile, model, now()));
      };
      const { gateway: limits, ledger: kept } = config();
      const asksChatUsage = kept.chatUsage === 'ask';
      const means = { pool, admit, limits: limits.timeouts, asksChatUsage, now };
      const result = await attempt(request, model, profile, credential, means);
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

function noteOutcome(
  gateway: GatewayParts,
  request: ProxyRequest,
  model: ModelChoice,
  { profile, judgement }: JudgedAnswer,
  servedByAnother: boolean,
): void {
  const occurrence = {
    agentId: profile.agentId,
    profileId: profile.profileId,
    model: model.healthModel,
    causedBy: request.agentId,
    servedByAnother,
    config: gateway.config().auth.cooldowns,
  };
  for (const state of gateway.health.note(judgement, occurrence, gateway.now())) {
    gateway.counters.noteCooldown(profile.provider.id, state);
    gateway.log.warn({ ...state, request: request.exchange.requestId }, 'profile is not to be used for a while');
  }
}

/** A model that a profile refuses is held against it only once another profile has served that same model. */
function noteDenials(
  gateway: GatewayParts,
  request: ProxyRequest,
  model: ModelChoice,
  denied: readonly JudgedAnswer[],
  servedByAnother: boolean,
): void {
  for (const each of denied) noteOutcome(gateway, request, model, each, servedByAnother);
}

function failure(
  gateway: GatewayParts,
  request: ProxyRequest,
  profile: ServingProfile,
  result: { failed: Parameters<typeof forwardError>[0]; detail: string },
): Tried {
  const { failed, detail } = result;
  const wasCancelled = failed === 'cancelled';
  if (!wasCancelled) {
    gateway.log.warn(
      { request: request.exchange.requestId, profile: profile.id, failed, detail },
      'no answer from upstream',
    );
  }
  return { kind: 'failed', error: forwardError(failed, profile.provider.id, profile.base.origin), wasCancelled };
}

import { normalizeModel } from '../../catalog/models.ts';
import { isMoltbotError, type MoltbotError } from '../../core/errors.ts';
import { type Choice, choose } from '../../rotation/choose.ts';
import type { HealthState } from '../../rotation/types.ts';
import { forwardedModel } from '../admit/may-ask.ts';
import type { ProxyRequest } from '../admit/proxy-request.ts';
import type { Holder } from '../budget/budget-account.ts';
import { permitFor } from '../budget/permit.ts';
import type { JudgedAnswer } from '../forward/attempt.ts';
import { forwardError } from '../forward/forward.ts';
import type { GatewayParts } from '../gateway-parts.ts';
import { askProfile } from './ask-profile.ts';
import { noteDenials, noteOutcome } from './note-outcome.ts';
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
  /** Profiles that only wait for what requests under way hold of a budget. */
  const waiting = new Map<string, { readonly error: MoltbotError; readonly holder: Holder }>();
  let last: JudgedAnswer | undefined;
  let unsent: MoltbotError | undefined;
  for (;;) {
    // Before each attempt: a key that was replaced, or a grant that ended, while this request was read or waited is not
    // used any more.
    gateway.refreshAgain();
    const roster = gateway.rosterOf(request.agentId, model.provider);
    const choice = chooseProfile(gateway, request, model, roster, pin, tried);
    if (choice.kind !== 'use') {
      if (waiting.size > 0) {
        const isRoom = await roomFor(
          gateway,
          request,
          [...waiting.values()].map(({ holder }) => holder),
        );
        if (request.exchange.cancel.isCancelled) return leftWhileWaiting(model);
        if (!isRoom) throw [...waiting.values()][0]!.error;
        for (const id of waiting.keys()) tried.delete(id);
        waiting.clear();
        continue;
      }
      noteDenials(gateway, request, model, denied, false);
      if (unsent) throw unsent;
      return { kind: 'blocked', choice, last, missing };
    }
    const profile = roster.profiles.find(({ id }) => id === choice.profileId)!;
    tried.add(profile.id);
    const permit = await permitFor(gateway, request, model, profile);
    if (permit.kind === 'refused') {
      const { error, waitsFor } = permit;
      if (waitsFor) waiting.set(profile.id, { error, holder: waitsFor });
      else if (permit.isOfProfile) unsent = error;
      else throw error;
      continue;
    }
    noteUse(gateway, request, profile);
    request.exchange.askedProfile = profile;
    gateway.health.hold(choice.probes);
    try {
      const result = await askProfile(gateway, request, model, profile, permit.held);
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
      permit.held.release();
    }
  }
}

function noteUse({ now, later, grantUses }: GatewayParts, request: ProxyRequest, profile: ServingProfile): void {
  const { source, agentId, profileId } = profile;
  profile.lastUsedAtMs = now();
  if (source === 'own' || source === 'grant') later.noteUse({ agentId, profileId, atMs: now() });
  grantUses.note(profile, request.agentId, now());
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

/** A request that no budget has room for waits as long as one for a profile does. */
function roomFor(
  { budgets, config }: GatewayParts,
  { exchange }: ProxyRequest,
  holders: readonly Holder[],
): Promise<boolean> {
  return budgets.room(holders, exchange.startedAtMs + config().auth.maxWaitMs, exchange.cancel);
}

function leftWhileWaiting({ provider }: ModelChoice): Tried {
  return { kind: 'failed', error: forwardError('cancelled', provider.id, provider.defaultBaseUrl), wasCancelled: true };
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

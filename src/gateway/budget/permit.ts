import { NOTHING_RESERVED, type Reserved } from '../../budgets/estimate.ts';
import type { PromptSize } from '../../budgets/prompt-size.ts';
import { isMoltbotError, type MoltbotError } from '../../core/errors.ts';
import type { ProxyRequest } from '../admit/proxy-request.ts';
import type { ModelChoice } from '../choose/requested-model.ts';
import type { ServingProfile } from '../choose/roster.ts';
import type { GatewayParts } from '../gateway-parts.ts';
import { promptSizeOf } from '../shape/prompt-size.ts';
import type { BudgetAccount, Holder } from './budget-account.ts';
import { budgetRefusal } from './budget-refusal.ts';
import { countInput } from './count-input.ts';
import { estimateOf } from './estimate-request.ts';
import { spenderOf } from './spender-of.ts';
import { isCharged, stopBy } from './stop.ts';

/** What the budgets say of one attempt. */
export type Permit =
  | { readonly kind: 'granted'; readonly held: HeldPermit }
  /** `isOfProfile`: another profile may be under another budget. `waitsFor`: only requests under way are in the way of this. */
  | {
      readonly kind: 'refused';
      readonly error: MoltbotError;
      readonly isOfProfile: boolean;
      readonly waitsFor: Holder | undefined;
    };

/** What an attempt holds; nothing where no budget covers it. */
export interface HeldPermit {
  readonly reserved: Reserved;
  /** When it was held: the attempt counts in the windows of that moment. Undefined: no budget covers it. */
  readonly atMs: number | undefined;
  /** The attempt is in the ledger: its row settles what is held. */
  letOut(rowId: number): void;
  /** It did not go out after all; does nothing once it did. */
  release(): void;
}

const FREE: Permit = {
  kind: 'granted',
  held: { reserved: NOTHING_RESERVED, atMs: undefined, letOut: () => {}, release: () => {} },
};

/** Holds what one attempt may take in all budgets that cover it. */
export async function permitFor(
  gateway: GatewayParts,
  request: ProxyRequest,
  model: ModelChoice,
  profile: ServingProfile,
): Promise<Permit> {
  const { budgets, config, now } = gateway;
  const { token } = request;
  if (!budgets.hasAny(token)) return FREE;
  const spender = spenderOf(request, model, profile);
  const covering = budgets.covering(spender, token);
  const stop = stopBy(gateway, request, covering);
  if (stop) return { kind: 'refused', error: stop.error, isOfProfile: isOfProfile(stop.account), waitsFor: undefined };
  if (covering.length === 0 || !isCharged(request)) return FREE;
  const size = promptSizeOf(request);
  const holderOf = (of: PromptSize): Holder => {
    return { admittedAtMs: now(), spender, token, estimate: estimateOf(gateway, request, model, profile, of) };
  };
  let holder = holderOf(size);
  let answer = budgets.hold(holder);
  // Asked only where the figure can help: the answer alone may take too much.
  const isTooLong = answer.kind === 'too_small';
  if (isTooLong && budgets.verdictOf(holderOf({ ...size, countedTokens: 0 })).kind !== 'too_small') {
    const countedTokens = await counted(gateway, request, model, profile);
    if (countedTokens !== undefined) {
      holder = holderOf({ ...size, countedTokens });
      answer = budgets.hold(holder);
    }
  }
  if (answer.kind === 'fits') return { kind: 'granted', held: held(gateway, holder) };
  return {
    kind: 'refused',
    error: budgetRefusal(answer, holder.estimate, config().timeZone),
    isOfProfile: isOfProfile(answer.account),
    waitsFor: answer.kind === 'busy' ? holder : undefined,
  };
}

/** The provider's figure of the prompt, asked for once a request: its text does not change. */
async function counted(
  { credentials, upstream, cacheTtls, log }: GatewayParts,
  request: ProxyRequest,
  model: ModelChoice,
  profile: ServingProfile,
): Promise<number | undefined> {
  const known = countedPrompts.get(request);
  if (known) return known.tokens;
  try {
    const credential = await credentials.get(profile);
    const pool = credential && upstream.pool(profile.destination);
    const settings = { wireModel: model.wireModel, params: cacheTtls.chosenParams(model) };
    const tokens = pool && (await countInput(request, settings, profile, credential, pool));
    countedPrompts.set(request, { tokens });
    return tokens;
  } catch (error) {
    if (!isMoltbotError(error)) throw error;
    // Whoever needs the vault or the address says so; here the prompt is only not counted.
    log.debug({ code: error.code, profile: profile.id }, 'prompt not counted');
    return undefined;
  }
}

const countedPrompts = new WeakMap<ProxyRequest, { readonly tokens: number | undefined }>();

function isOfProfile({ budget }: BudgetAccount): boolean {
  return budget.scope.profileId !== undefined;
}

function held({ budgets }: GatewayParts, holder: Holder): HeldPermit {
  let isOut = false;
  return {
    reserved: budgets.reservedBy(holder),
    atMs: holder.admittedAtMs,
    letOut: (rowId) => {
      isOut = true;
      budgets.letOut(holder, rowId);
    },
    release: () => {
      if (!isOut) budgets.release(holder);
    },
  };
}

import { MoltbotError } from '../../core/errors.ts';
import type { Provider } from '../../providers/provider.ts';
import type { Blocked as BlockedProfile } from '../../rotation/choose.ts';
import { type Message, noApiKeyFound, noCredentialsForProfile, suddenlyInvalid } from '../../rotation/messages.ts';
import {
  answerWhenNothingUsable,
  decidingReason,
  type NothingUsable,
  outOfCreditNow,
} from '../../rotation/nothing-usable.ts';
import type { ProxyRequest } from '../admit/proxy-request.ts';
import type { GatewayParts } from '../gateway-parts.ts';
import type { ModelChoice } from './requested-model.ts';
import type { Blocked } from './try-profiles.ts';

/** No profile can serve, as an error that knows what a client may be told about waiting. */
export class NothingUsableError extends MoltbotError {
  readonly answer: NothingUsable;

  constructor(answer: NothingUsable, providerId: string) {
    super(answer.code, answer.text, { gate: credentialGate(providerId) });
    this.answer = answer;
  }
}

/**
 * Our own words for "nothing is usable", or undefined where the last profile's own answer says it best: its 429, or a
 * refusal that is about the model or the client and that every profile gave.
 */
export function nothingUsable(
  gateway: GatewayParts,
  request: ProxyRequest,
  model: ModelChoice,
  { choice, last, missing }: Blocked,
): MoltbotError | undefined {
  const { agentId, exchange } = request;
  const providerId = model.provider.id;
  if (choice.kind === 'none') return noCandidate(gateway, request, model.provider, choice.expired);
  if (choice.blocked.length === 0) {
    if (last?.judgement.outcome === 'billing')
      return new NothingUsableError(outOfCreditNow(last.profile.id, agentId, exchange.dialect), providerId);
    return last
      ? undefined
      : asError('NO_CREDENTIALS', noCredentialsForProfile(missing[0] ?? providerId, agentId), providerId);
  }
  if (last?.judgement.outcome === 'rate_limited' && decidingReason(choice.blocked) === 'cooling') return undefined;
  return new NothingUsableError(describe(gateway, request, model, choice.blocked), providerId);
}

function describe(
  gateway: GatewayParts,
  { agentId, exchange }: ProxyRequest,
  model: ModelChoice,
  blocked: readonly BlockedProfile[],
): NothingUsable {
  const types = new Map(gateway.rosterOf(agentId, model.provider).profiles.map(({ id, type }) => [id, type]));
  const typeOf = (profileId: string) => types.get(profileId) ?? 'api_key';
  return answerWhenNothingUsable(blocked, { agentId, dialect: exchange.dialect, typeOf }, gateway.now());
}

function noCandidate(
  gateway: GatewayParts,
  { agentId, token }: ProxyRequest,
  provider: Provider,
  expired: readonly string[],
): MoltbotError {
  const [first] = expired;
  if (first !== undefined) return asError('CREDENTIAL_EXPIRED', suddenlyInvalid(first, 'token', agentId), provider.id);
  const { profiles, order = [], pin } = gateway.rosterOf(agentId, provider);
  const named = token.profileId ?? pin ?? (profiles.length > 0 ? order[0] : undefined);
  if (named !== undefined && !profiles.some(({ id }) => id === named))
    return asError('NO_CREDENTIALS', noCredentialsForProfile(named, agentId), provider.id);
  const passedOver = profiles.find(({ type }) => type === 'token');
  return asError('NO_CREDENTIALS', noApiKeyFound(provider.id, agentId, passedOver?.id), provider.id);
}

function asError(
  code: 'NO_CREDENTIALS' | 'CREDENTIAL_EXPIRED',
  { text, remedy }: Message,
  providerId: string,
): MoltbotError {
  return new MoltbotError(code, text, { hint: remedy, gate: credentialGate(providerId) });
}

function credentialGate(providerId: string): string {
  return `credential:${providerId}`;
}

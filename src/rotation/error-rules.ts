import type { UpstreamError } from '../providers/upstream-error.ts';
import type { Outcome } from './types.ts';

/**
 * Texts are matched at the start of the provider's message: what a client wrote can be quoted further inside, and one
 * client's words must never spoil a key.
 */
const BILLING_CODE = /insufficient_quota|spend_limit|billing|credit_balance|payment_required|organization_on_hold/i;
const BILLING_TEXT =
  /^(your credit balance|credit balance) is too low|^you have reached your specified (api|workspace) usage limits|^you exceeded your current quota|^your team \S+ has (either )?used all available credits|^your newly created teams? doesn't have any credits|^you have run out of credits/i;
const AUTH_CODE =
  /^(invalid_api_key|authentication_error|account_deactivated|organization_deactivated|key_revoked|token_revoked|token_expired)$/i;
const AUTH_TEXT =
  /^incorrect api key provided|^oauth authentication is (currently )?not (allowed|supported)|^(this |your |the )?(oauth |api |access )?(token|key|credential|account|organization|team)\b[^'"`]{0,60}\b(is|was|has been) (\w+ )?(revoked|disabled|blocked|deactivated|expired|suspended|invalid|not allowed|not authorized)\b/i;
/** A restricted key that may do some things and not this one is a good key. */
const MISSING_SCOPE_TEXT = /^you have insufficient permissions for this operation/i;
const MODEL_CODE = /^model_(not_found|not_available|access_denied)$/i;
const MODEL_TEXT = /^(the |requested |your )*model\b/i;
const MODEL_ACCESS_TEXT = /\bmodels?\b/i;
const WRONG_CLIENT_TEXT = /only authorized for use with claude code/i;

/** What a 4xx answer means, by status and structured error first, by text last. */
export function errorRuleOf(status: number, error: UpstreamError): Outcome {
  if (status === 402 || isBilling(status, error)) return 'billing';
  if (status === 401) return MISSING_SCOPE_TEXT.test(error.message) ? 'rejected' : 'auth';
  if (status === 429) return 'rate_limited';
  if (status === 400) return badRequest(error);
  if (status === 403) return forbidden(error);
  if (status === 404) return isMissingModel(error) ? 'model_denied' : 'rejected';
  return 'rejected';
}

function isBilling(status: number, error: UpstreamError): boolean {
  if (status !== 400 && status !== 403 && status !== 429) return false;
  return has(BILLING_CODE, error) || BILLING_TEXT.test(error.message);
}

function badRequest(error: UpstreamError): Outcome {
  if (WRONG_CLIENT_TEXT.test(error.message)) return 'wrong_client';
  if (has(MODEL_CODE, error)) return 'model_denied';
  // xAI answers a wrong key with 400.
  return /^incorrect api key provided/i.test(error.message) ? 'auth' : 'rejected';
}

function forbidden(error: UpstreamError): Outcome {
  if (WRONG_CLIENT_TEXT.test(error.message)) return 'wrong_client';
  if (MISSING_SCOPE_TEXT.test(error.message)) return 'rejected';
  if (has(AUTH_CODE, error)) return 'auth';
  // Before the texts about credentials: the name of a model is the client's word and may say "revoked".
  if (has(MODEL_CODE, error) || MODEL_ACCESS_TEXT.test(error.message)) return 'model_denied';
  return AUTH_TEXT.test(error.message) ? 'auth' : 'rejected';
}

function isMissingModel(error: UpstreamError): boolean {
  return has(MODEL_CODE, error) || MODEL_TEXT.test(error.message);
}

function has(pattern: RegExp, error: UpstreamError): boolean {
  return pattern.test(error.type ?? '') || pattern.test(error.code ?? '');
}

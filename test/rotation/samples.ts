import * as v from 'valibot';
import { type CooldownConfig, configSchema } from '../../src/config/schema.ts';
import type { ChoiceContext } from '../../src/rotation/choose.ts';
import type { Occurrence } from '../../src/rotation/cooldown.ts';
import type { Answer } from '../../src/rotation/outcome.ts';
import type { Candidate, HealthState, Judgement } from '../../src/rotation/types.ts';

/** 2026-11-21 12:00:00 UTC. */
export const NOW = Date.UTC(2026, 10, 21, 12);
export const OPUS = 'claude-opus-4-5';
export const CONFIG: CooldownConfig = v.parse(configSchema, {}).auth.cooldowns;

export function key(id: string, lastUsedAtMs?: number): Candidate {
  return { id, type: 'api_key', lastUsedAtMs, expiresAtMs: undefined };
}

export function token(id: string, expiresAtMs?: number): Candidate {
  return { id, type: 'token', lastUsedAtMs: undefined, expiresAtMs };
}

export function context(change: Partial<ChoiceContext> = {}): ChoiceContext {
  return { agentId: 'main', model: OPUS, isClaudeCode: false, probing: new Set(), tried: new Set(), ...change };
}

export function state(change: Partial<HealthState> = {}): HealthState {
  return {
    agentId: 'main',
    profileId: 'anthropic:work',
    model: OPUS,
    kind: 'cooldown',
    reason: 'rate_limit',
    outcome: 'rate_limited',
    httpStatus: 429,
    errorType: 'rate_limit_error',
    requestId: 'req_1',
    causedBy: 'main',
    sinceMs: NOW,
    untilMs: NOW + 60_000,
    rung: 0,
    failuresInARow: 1,
    lastFailureMs: NOW,
    changedBy: 'gateway',
    ...change,
  };
}

export function answer(change: Partial<Answer> = {}): Answer {
  return {
    status: 200,
    headers: {},
    errorBody: undefined,
    credentialType: 'api_key',
    isClaudeCode: false,
    purpose: 'generate',
    method: 'POST',
    ...change,
  };
}

export function anthropicError(type: string, message: string, errorCode?: string): string {
  const details = errorCode === undefined ? {} : { details: { error_code: errorCode } };
  return JSON.stringify({ type: 'error', error: { type, message, ...details }, request_id: 'req_1' });
}

export function openaiError(type: string, message: string, code: string | null = null): string {
  return JSON.stringify({ error: { message, type, param: null, code } });
}

export function judgement(change: Partial<Judgement> = {}): Judgement {
  return {
    outcome: 'rate_limited',
    httpStatus: 429,
    errorType: 'rate_limit_error',
    requestId: 'req_1',
    readyAtMs: undefined,
    scope: 'model',
    tryNext: true,
    affectsHealth: true,
    ...change,
  };
}

export const AUTH = judgement({
  outcome: 'auth',
  httpStatus: 401,
  errorType: 'authentication_error',
  scope: 'profile',
});
export const BILLING = judgement({ outcome: 'billing', httpStatus: 402, errorType: 'billing_error', scope: 'profile' });
export const DENIED = judgement({ outcome: 'model_denied', httpStatus: 404, errorType: 'not_found_error' });
export const OK = judgement({ outcome: 'ok', httpStatus: 200, errorType: undefined, tryNext: false });

export function occurrence(change: Partial<Occurrence> = {}): Occurrence {
  return {
    agentId: 'main',
    profileId: 'anthropic:work',
    model: OPUS,
    causedBy: 'main',
    servedByAnother: false,
    config: CONFIG,
    ...change,
  };
}

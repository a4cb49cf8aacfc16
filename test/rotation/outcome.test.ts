import { describe, expect, it } from 'vitest';
import type { RoutePurpose } from '../../src/providers/provider.ts';
import { type Answer, outcomeOf, outcomeWithoutAnswer } from '../../src/rotation/outcome.ts';
import type { Judgement, Outcome } from '../../src/rotation/types.ts';
import { answer, anthropicError, NOW, openaiError } from './samples.ts';

const HOUR = 3_600_000;
const REJECTED = {
  'anthropic-ratelimit-unified-status': 'rejected',
  'anthropic-ratelimit-unified-reset': String((NOW + 5 * HOUR) / 1_000),
};
const CREDIT = 'Your credit balance is too low to access the Anthropic API.';
const CLAUDE_CODE_ONLY = 'This credential is only authorized for use with Claude Code.';
const XAI_SPENT = 'Your team 0a-1b has either used all available credits or reached its monthly spending limit.';

type Row = readonly [promise: string, answer: Partial<Answer>, outcome: Outcome];

const ROWS: readonly Row[] = [
  ['200', { status: 200 }, 'ok'],
  ['204', { status: 204 }, 'ok'],
  ['a 200 whose body speaks of credit', { status: 200, errorBody: anthropicError('x', CREDIT) }, 'ok'],
  ['429', { status: 429, errorBody: anthropicError('rate_limit_error', 'Slow down.') }, 'rate_limited'],
  ['429 with no body', { status: 429 }, 'rate_limited'],
  [
    '429 of a ramp limit',
    { status: 429, errorBody: anthropicError('rate_limit_error', 'x', 'ramp_limit_exceeded') },
    'rate_limited',
  ],
  [
    "OpenAI's 429",
    { status: 429, errorBody: openaiError('requests', 'Rate limit reached', 'rate_limit_exceeded') },
    'rate_limited',
  ],
  ['402', { status: 402 }, 'billing'],
  ['400 without credit', { status: 400, errorBody: anthropicError('invalid_request_error', CREDIT) }, 'billing'],
  [
    '400 past the usage limit',
    {
      status: 400,
      errorBody: anthropicError('invalid_request_error', 'You have reached your specified API usage limits.'),
    },
    'billing',
  ],
  [
    '400 of an organization on hold',
    { status: 400, errorBody: anthropicError('invalid_request_error', 'x', 'organization_on_hold') },
    'billing',
  ],
  [
    '403 with a spend-limit code',
    { status: 403, errorBody: anthropicError('permission_error', 'x', 'linked_organization_spend_limit_reached') },
    'billing',
  ],
  [
    '429 with an enforced spend limit',
    { status: 429, errorBody: anthropicError('rate_limit_error', 'x', 'enforced_spend_limit_reached') },
    'billing',
  ],
  [
    '429 with a contract spend limit',
    { status: 429, errorBody: anthropicError('rate_limit_error', 'x', 'contract_spend_limit_reached') },
    'billing',
  ],
  [
    'insufficient_quota',
    { status: 429, errorBody: openaiError('insufficient_quota', 'x', 'insufficient_quota') },
    'billing',
  ],
  ["xAI's spent team", { status: 429, errorBody: JSON.stringify({ code: 'exhausted', error: XAI_SPENT }) }, 'billing'],
  ['401', { status: 401, errorBody: anthropicError('authentication_error', 'invalid x-api-key') }, 'auth'],
  ['401 with no body', { status: 401 }, 'auth'],
  [
    '403 of a revoked token',
    {
      status: 403,
      errorBody: anthropicError('permission_error', 'OAuth token has been revoked. Please obtain a new token.'),
    },
    'auth',
  ],
  [
    '403 of a token that is not allowed at all',
    {
      status: 403,
      errorBody: anthropicError(
        'permission_error',
        'OAuth authentication is currently not allowed for this organization.',
      ),
    },
    'auth',
  ],
  [
    "xAI's 403 of a blocked key",
    {
      status: 403,
      errorBody: '{"code":"The caller does not have permission","error":"The API key xai-...8C is blocked."}',
    },
    'auth',
  ],
  [
    "OpenAI's 403 of a revoked token",
    { status: 403, errorBody: openaiError('invalid_request_error', 'This token has been revoked.', 'token_revoked') },
    'auth',
  ],
  [
    '403 of a disabled organization',
    { status: 403, errorBody: anthropicError('permission_error', 'This organization has been disabled.') },
    'auth',
  ],
  [
    "xAI's 400 of a wrong key",
    { status: 400, errorBody: '{"code":"Client specified an invalid argument","error":"Incorrect API key provided."}' },
    'auth',
  ],
  [
    "Anthropic's 404 of a model",
    { status: 404, errorBody: anthropicError('not_found_error', 'model: claude-nope') },
    'model_denied',
  ],
  [
    "OpenAI's 404 of a model",
    { status: 404, errorBody: openaiError('invalid_request_error', 'x', 'model_not_found') },
    'model_denied',
  ],
  [
    "xAI's 404 of a model",
    { status: 404, errorBody: '{"code":"Some requested entity was not found","error":"The model x does not exist."}' },
    'model_denied',
  ],
  [
    '403 without access to the model',
    {
      status: 403,
      errorBody: anthropicError('permission_error', 'Your key may not use the model claude-opus-4-5.'),
    },
    'model_denied',
  ],
  [
    '403 without access to a model whose name lies',
    {
      status: 403,
      errorBody: anthropicError('permission_error', 'Your organization may not use model x has been revoked.'),
    },
    'model_denied',
  ],
  [
    '429 of a used-up plan',
    { status: 429, errorBody: openaiError('usage_limit_reached', 'You have reached your usage limit.') },
    'rate_limited',
  ],
  [
    '400 for foreign clients',
    { status: 400, errorBody: anthropicError('invalid_request_error', CLAUDE_CODE_ONLY) },
    'wrong_client',
  ],
  ["a token's 429 without a time for another client", { status: 429, credentialType: 'token' }, 'wrong_client'],
  [
    "a token's 429 without a time for Claude Code",
    { status: 429, credentialType: 'token', isClaudeCode: true },
    'rate_limited',
  ],
  [
    "a token's 429 with a time for another client",
    { status: 429, credentialType: 'token', headers: { 'retry-after': '5' } },
    'rate_limited',
  ],
  [
    "a token's 429 with a unified reset for another client",
    { status: 429, credentialType: 'token', headers: REJECTED },
    'rate_limited',
  ],
  ['529', { status: 529, errorBody: anthropicError('overloaded_error', 'Overloaded') }, 'overloaded'],
  ['503', { status: 503 }, 'overloaded'],
  ['500', { status: 500, errorBody: anthropicError('api_error', 'x') }, 'server_error'],
  ['502 in HTML', { status: 502, errorBody: '<html>Bad gateway</html>' }, 'server_error'],
  ['504', { status: 504 }, 'server_error'],
  ['a 500 that speaks of credit', { status: 500, errorBody: anthropicError('api_error', CREDIT) }, 'server_error'],
  ['a redirect', { status: 302 }, 'server_error'],
  ['a status out of range', { status: 999 }, 'server_error'],
  ['a status that is no number', { status: Number.NaN }, 'server_error'],
  ['400', { status: 400, errorBody: anthropicError('invalid_request_error', 'max_tokens: required') }, 'rejected'],
  [
    'a 400 that quotes what a client wrote',
    {
      status: 400,
      errorBody: anthropicError('invalid_request_error', `messages.0: bad text "${CREDIT}" Incorrect API key provided`),
    },
    'rejected',
  ],
  ['404 of a path', { status: 404, errorBody: anthropicError('not_found_error', 'Not Found') }, 'rejected'],
  [
    '404 of a file',
    { status: 404, errorBody: anthropicError('not_found_error', 'File not found: file_1') },
    'rejected',
  ],
  [
    '403 of a country',
    { status: 403, errorBody: openaiError('request_forbidden', 'Country not supported') },
    'rejected',
  ],
  [
    '403 of a restricted key',
    { status: 403, errorBody: openaiError('x', 'You have insufficient permissions for this operation.') },
    'rejected',
  ],
  ['403 with no body', { status: 403 }, 'rejected'],
  ['409', { status: 409 }, 'rejected'],
  ['413', { status: 413, errorBody: anthropicError('request_too_large', 'x') }, 'rejected'],
  ['422', { status: 422, errorBody: '{"error":"bad"}' }, 'rejected'],
];

const NEXT = new Set<Outcome>(['rate_limited', 'billing', 'auth', 'model_denied', 'wrong_client']);
const HEALTH = new Set<Outcome>(['ok', 'rate_limited', 'billing', 'auth', 'model_denied']);

describe('outcomeOf', () => {
  it.each(ROWS)('judges %s', (_promise, change, outcome) => {
    const judged = outcomeOf(answer(change), NOW);
    expect({ outcome: judged.outcome, tryNext: judged.tryNext, affectsHealth: judged.affectsHealth }).toEqual({
      outcome,
      tryNext: NEXT.has(outcome),
      affectsHealth: HEALTH.has(outcome),
    });
  });

  it('keeps what a person needs to ask the provider', () => {
    const judged = outcomeOf(
      answer({ status: 429, headers: { 'retry-after': '120' }, errorBody: anthropicError('rate_limit_error', 'x') }),
      NOW,
    );
    expect(judged).toEqual<Judgement>({
      outcome: 'rate_limited',
      httpStatus: 429,
      errorType: 'rate_limit_error',
      requestId: 'req_1',
      readyAtMs: NOW + 120_000,
      scope: 'model',
      tryNext: true,
      affectsHealth: true,
    });
  });

  it('means the whole profile when a subscription is used up, is out of credit or refused', () => {
    const scopes = [{ status: 429, headers: REJECTED }, { status: 402 }, { status: 401 }, { status: 429 }].map(
      (change) => outcomeOf(answer(change), NOW).scope,
    );
    expect(scopes).toEqual(['profile', 'profile', 'profile', 'model']);
  });

  it('takes a used-up window of a subscription that is only warned for a limit of the model', () => {
    const headers = { ...REJECTED, 'anthropic-ratelimit-unified-status': 'allowed_warning' };
    const judged = outcomeOf(answer({ status: 429, headers }), NOW);
    expect([judged.scope, judged.readyAtMs]).toEqual(['model', undefined]);
  });

  it.each<[RoutePurpose, string, boolean]>([
    ['generate', 'POST', true],
    ['embeddings', 'POST', true],
    ['other', 'POST', true],
    ['batches', 'POST', true],
    ['batches', 'GET', false],
    ['batches', 'DELETE', false],
    ['count', 'POST', false],
    ['models', 'GET', false],
    ['files', 'POST', false],
    ['responses', 'GET', false],
  ])('lets %s (%s) speak about limits: %s', (purpose, method, expected) => {
    const affected = [200, 429, 402, 404].map((status) => {
      const errorBody = status === 404 ? anthropicError('not_found_error', 'model: x') : undefined;
      return outcomeOf(answer({ status, errorBody, purpose, method }), NOW).affectsHealth;
    });
    expect(affected).toEqual([expected, expected, expected, expected]);
    expect(outcomeOf(answer({ status: 401, purpose, method }), NOW).affectsHealth).toBe(true);
  });

  it('takes the end of a spend limit from its header, else from its sentence, without the cap of an hour', () => {
    const sentence =
      'You have reached your specified API usage limits. You will regain access on 2026-12-01 at 00:00 UTC.';
    const errorBody = anthropicError('invalid_request_error', sentence);
    expect(outcomeOf(answer({ status: 400, errorBody }), NOW).readyAtMs).toBe(Date.UTC(2026, 11, 1));
    const headers = { 'retry-after': '7200' };
    expect(outcomeOf(answer({ status: 402, headers }), NOW).readyAtMs).toBe(NOW + 2 * HOUR);
    const nonsense = anthropicError(
      'x',
      'You have reached your specified API usage limits. regain access on 9999-99-99 at 77:77 UTC',
    );
    expect(outcomeOf(answer({ status: 400, errorBody: nonsense }), NOW).readyAtMs).toBeUndefined();
  });

  it('does not take a used-up bucket for the end of a spend limit', () => {
    const headers = { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '6ms' };
    expect(outcomeOf(answer({ status: 402, headers }), NOW).readyAtMs).toBeUndefined();
  });
});

describe('outcomeWithoutAnswer', () => {
  it.each(['unreachable', 'broken', 'client_gone'] as const)('holds %s against no profile', (outcome) => {
    expect(outcomeWithoutAnswer(outcome)).toEqual({
      outcome,
      httpStatus: undefined,
      errorType: undefined,
      requestId: undefined,
      readyAtMs: undefined,
      scope: 'model',
      tryNext: false,
      affectsHealth: false,
    });
  });
});

import type { ErrorName } from './script-schema.ts';

export interface ErrorEntry {
  readonly status: number;
  /** Where OpenAI's and xAI's status differs from Anthropic's. */
  readonly openaiStatus?: number;
  /** Anthropic's `error.type`. */
  readonly type: string;
  readonly message: string;
  /** Anthropic's `error.details.error_code`. */
  readonly details?: string;
  /** OpenAI's `error.type` and `error.code`, and its own sentence where it has one. */
  readonly openai: { readonly type: string; readonly code: string | null; readonly message?: string };
}

const invalid = 'invalid_request_error';

/** One row per error the providers are known to send; `%m` becomes the model of the request. */
export const ERROR_TABLE: Readonly<Record<ErrorName, ErrorEntry>> = {
  invalid_request: {
    status: 400,
    type: invalid,
    message: 'messages: Input should be a valid list',
    openai: { type: invalid, code: null, message: "Invalid type for 'messages'." },
  },
  credit_too_low: {
    status: 400,
    type: invalid,
    message: 'Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to add credits.',
    openai: { type: invalid, code: 'billing_not_active', message: 'Your account is not active, please check billing.' },
  },
  wrong_client: {
    status: 400,
    type: invalid,
    message: 'This credential is only authorized for use with Claude Code and cannot be used for other API requests.',
    openai: { type: invalid, code: null, message: 'This credential is not authorized for this client.' },
  },
  prompt_too_long: {
    status: 400,
    type: invalid,
    message: 'prompt is too long: 210000 tokens > 200000 maximum',
    openai: { type: invalid, code: 'context_length_exceeded', message: "This model's maximum context is exceeded." },
  },
  authentication: {
    status: 401,
    type: 'authentication_error',
    message: 'invalid x-api-key',
    openai: { type: invalid, code: 'invalid_api_key', message: 'Incorrect API key provided.' },
  },
  billing: {
    status: 402,
    type: 'billing_error',
    message: 'Your organization has reached its spend limit.',
    details: 'linked_organization_spend_limit_reached',
    openai: { type: 'billing_error', code: 'billing_hard_limit_reached', message: 'Billing hard limit was reached.' },
  },
  permission: {
    status: 403,
    type: 'permission_error',
    message: 'Your API key does not have permission to use the specified resource.',
    openai: { type: invalid, code: 'insufficient_permissions', message: 'You have insufficient permissions.' },
  },
  oauth_revoked: {
    status: 403,
    type: 'permission_error',
    message: 'OAuth token has been revoked. Please obtain a new token.',
    openai: { type: invalid, code: 'token_revoked', message: 'This token has been revoked.' },
  },
  model_denied: {
    status: 403,
    type: 'permission_error',
    message: 'Your organization does not have access to the model %m.',
    openai: { type: invalid, code: 'model_not_found', message: 'Project does not have access to model %m.' },
  },
  model_not_found: {
    status: 404,
    type: 'not_found_error',
    message: 'model: %m',
    openai: {
      type: invalid,
      code: 'model_not_found',
      message: 'The model `%m` does not exist or you do not have access to it.',
    },
  },
  not_found: {
    status: 404,
    type: 'not_found_error',
    message: 'Not Found',
    openai: { type: invalid, code: null, message: 'Invalid URL.' },
  },
  conflict: {
    status: 409,
    type: 'conflict_error',
    message: 'The resource is in a state that does not allow this.',
    openai: { type: invalid, code: 'conflict' },
  },
  too_large: {
    status: 413,
    type: 'request_too_large',
    message: 'Request exceeds the maximum size.',
    openai: { type: invalid, code: 'request_too_large' },
  },
  rate_limit: {
    status: 429,
    type: 'rate_limit_error',
    message: 'This request would exceed the rate limit of your organization.',
    openai: { type: 'requests', code: 'rate_limit_exceeded', message: 'Rate limit reached for %m.' },
  },
  spend_limit: {
    status: 429,
    type: 'rate_limit_error',
    message: 'Your organization has reached its enforced spend limit.',
    details: 'enforced_spend_limit_reached',
    openai: { type: 'insufficient_quota', code: 'billing_hard_limit_reached', message: 'Your spend limit is reached.' },
  },
  insufficient_quota: {
    status: 429,
    type: 'rate_limit_error',
    message: 'Your contract spend limit is reached.',
    details: 'contract_spend_limit_reached',
    openai: {
      type: 'insufficient_quota',
      code: 'insufficient_quota',
      message: 'You exceeded your current quota, please check your plan and billing details.',
    },
  },
  usage_limit_reached: {
    status: 429,
    type: 'rate_limit_error',
    message: 'You have reached your usage limit.',
    openai: { type: 'usage_limit_reached', code: 'usage_limit_reached' },
  },
  server_error: {
    status: 500,
    type: 'api_error',
    message: 'Internal server error',
    openai: { type: 'server_error', code: null, message: 'The server had an error while processing your request.' },
  },
  bad_gateway_html: {
    status: 502,
    type: 'api_error',
    message: 'Bad gateway',
    openai: { type: 'server_error', code: null },
  },
  unavailable: {
    status: 503,
    type: 'api_error',
    message: 'Service temporarily unavailable',
    openai: { type: 'server_error', code: 'service_unavailable' },
  },
  timeout: {
    status: 504,
    type: 'timeout_error',
    message: 'Request timed out',
    openai: { type: 'server_error', code: 'timeout' },
  },
  overloaded: {
    status: 529,
    openaiStatus: 503,
    type: 'overloaded_error',
    message: 'Overloaded',
    openai: { type: 'server_error', code: 'engine_overloaded', message: 'The engine is currently overloaded.' },
  },
};

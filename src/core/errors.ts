/**
 * Every failure a person or a client can meet, in one table: its exit code on the command line and its HTTP status at
 * the proxy. Codes are stable: scripts compare them.
 *
 * Exit codes: 1 credential missing, refused or expired · 2 expiring · 3 nothing usable now · 64 usage ·
 * 69 unavailable · 70 our bug · 77 not permitted · 78 configuration · 130 interrupted.
 */
const TABLE = {
  // What was typed or sent.
  USAGE: { exit: 64, status: 400 },
  INVALID_FIELDS: { exit: 64, status: 422 },
  UNKNOWN_COMMAND: { exit: 64, status: 404 },
  EMPTY_SECRET: { exit: 64, status: 400 },
  WRONG_CREDENTIAL_KIND: { exit: 64, status: 400 },
  AGENT_NOT_FOUND: { exit: 64, status: 404 },
  MODEL_NOT_FOUND: { exit: 64, status: 404 },
  PROVIDER_NOT_FOUND: { exit: 64, status: 404 },
  BUDGET_NOT_FOUND: { exit: 64, status: 404 },
  ALREADY_EXISTS: { exit: 64, status: 409 },
  INTERRUPTED: { exit: 130, status: 499 },

  // Credentials and profiles.
  NO_CREDENTIALS: { exit: 1, status: 401 },
  PROFILE_NOT_FOUND: { exit: 1, status: 404 },
  CREDENTIAL_REFUSED: { exit: 1, status: 400 },
  CREDENTIAL_EXPIRED: { exit: 1, status: 401 },
  SECRET_NEEDED: { exit: 1, status: 409 },
  TOKEN_NOT_FOUND: { exit: 1, status: 404 },
  REQUEST_NOT_FOUND: { exit: 1, status: 404 },
  ENROLLMENT_NOT_FOUND: { exit: 1, status: 404 },
  ENROLLMENT_CHANGED: { exit: 1, status: 409 },
  ENROLLMENT_DENIED: { exit: 1, status: 403 },
  ADMIN_KEY_NOT_FOUND: { exit: 1, status: 404 },
  GRANT_NOT_FOUND: { exit: 1, status: 404 },
  AGENT_KEY_REJECTED: { exit: 1, status: 401 },
  ADMIN_KEY_REJECTED: { exit: 1, status: 401 },
  AGENT_PAUSED: { exit: 3, status: 402 },
  BUDGET_USED_UP: { exit: 3, status: 402 },
  BUDGET_TOO_SMALL: { exit: 3, status: 402 },
  BUDGET_UNPRICED: { exit: 3, status: 402 },
  BUDGET_UNBOUNDED: { exit: 3, status: 402 },
  BUDGET_BUSY: { exit: 3, status: 429 },
  NO_USABLE_PROFILE: { exit: 3, status: 429 },
  PROFILES_OUT_OF_CREDIT: { exit: 3, status: 402 },
  PROFILES_REFUSED: { exit: 3, status: 401 },

  // Things around us that do not work.
  VAULT_LOCKED: { exit: 69, status: 503 },
  VAULT_UNAVAILABLE: { exit: 69, status: 503 },
  VAULT_DAMAGED: { exit: 69, status: 503 },
  DATABASE_CORRUPT: { exit: 69, status: 503 },
  DATABASE_BUSY: { exit: 69, status: 503 },
  DATABASE_TOO_NEW: { exit: 69, status: 503 },
  DISK_FULL: { exit: 69, status: 503 },
  PORT_TAKEN: { exit: 69, status: 503 },
  GATEWAY_RUNNING: { exit: 69, status: 409 },
  GATEWAY_NOT_RUNNING: { exit: 69, status: 503 },
  GATEWAY_START_FAILED: { exit: 69, status: 503 },
  PROVIDER_UNREACHABLE: { exit: 69, status: 502 },
  UNSUPPORTED: { exit: 69, status: 501 },
  AUDIT_UNAVAILABLE: { exit: 69, status: 503 },
  AUDIT_BROKEN: { exit: 69, status: 500 },
  SERVER_UNTRUSTED: { exit: 69, status: 502 },
  NOT_PERMITTED: { exit: 77, status: 403 },
  ROLE_NOT_ALLOWED: { exit: 77, status: 403 },
  GUARD_REFUSED: { exit: 77, status: 403 },
  UNSAFE_ENVIRONMENT: { exit: 78, status: 503 },
  CONFIG_INVALID: { exit: 78, status: 500 },
  CONFIG_CHANGED: { exit: 78, status: 409 },
  CONFIG_EDIT_REFUSED: { exit: 78, status: 409 },
  CONFIG_FOREIGN: { exit: 78, status: 409 },
  INTERNAL: { exit: 70, status: 500 },

  // The proxy listener.
  BAD_REQUEST: { exit: 64, status: 400 },
  BAD_TARGET: { exit: 64, status: 400 },
  AMBIGUOUS_CREDENTIALS: { exit: 64, status: 400 },
  DUPLICATE_FIELDS: { exit: 64, status: 400 },
  TOKEN_REJECTED: { exit: 1, status: 401 },
  TOKEN_EXPIRED: { exit: 1, status: 401 },
  TOKEN_REVOKED: { exit: 1, status: 401 },
  ORIGIN_NOT_ALLOWED: { exit: 77, status: 403 },
  PROVIDER_NOT_ALLOWED: { exit: 77, status: 403 },
  AGENT_EXPIRED: { exit: 1, status: 403 },
  ROUTE_NOT_ALLOWED: { exit: 77, status: 403 },
  MODEL_NOT_ALLOWED: { exit: 77, status: 403 },
  ADDRESS_NOT_ALLOWED: { exit: 77, status: 403 },
  ROUTE_NOT_FOUND: { exit: 64, status: 404 },
  METHOD_NOT_ALLOWED: { exit: 64, status: 405 },
  REQUEST_TIMEOUT: { exit: 69, status: 408 },
  TOO_LARGE: { exit: 64, status: 413 },
  WRONG_CONTENT_TYPE: { exit: 64, status: 415 },
  HOST_NOT_ALLOWED: { exit: 77, status: 421 },
  WEBSOCKET_NOT_SERVED: { exit: 64, status: 426 },
  TOKEN_USED_UP: { exit: 1, status: 401 },
  LIMIT_REACHED: { exit: 69, status: 429 },
  THROTTLED: { exit: 69, status: 429 },
  RUNAWAY: { exit: 69, status: 429 },
  HEADERS_TOO_LARGE: { exit: 64, status: 431 },
  UPSTREAM_BROKEN: { exit: 69, status: 502 },
  DRAINING: { exit: 69, status: 503 },
  UPSTREAM_SILENT: { exit: 69, status: 504 },
} as const satisfies Record<string, { exit: number; status: number }>;

export type ErrorCode = keyof typeof TABLE;

/**
 * The one error class. `message` is one sentence that names the thing that failed; `hint` is what to type next.
 * It carries nothing but strings written in this repository: oclif prints every enumerable field under `--json`, so a
 * request, a header or somebody else's error must never be one (`cause` is kept non-enumerable by the language).
 */
export class MoltbotError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  /** The name of the closed gate, where the request stopped at one: `agent`, `provider:anthropic`. */
  readonly gate: string | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: { hint?: string; cause?: unknown; gate?: string | undefined } = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.name = 'MoltbotError';
    this.code = code;
    this.hint = options.hint;
    this.gate = options.gate;
  }

  get exitCode(): number {
    return TABLE[this.code].exit;
  }

  get httpStatus(): number {
    return TABLE[this.code].status;
  }
}

export function isMoltbotError(value: unknown, code?: ErrorCode): value is MoltbotError {
  return value instanceof MoltbotError && (code === undefined || value.code === code);
}

/** For codes that come from another process of ours. */
export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(TABLE, text);
}

/** The `code` of a Node system error (`ENOENT`, `EADDRINUSE`), or undefined. */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

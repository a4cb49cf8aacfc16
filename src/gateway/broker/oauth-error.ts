import { MoltbotError } from '../../core/errors.ts';

/** Error codes of RFC 6749, section 5.2; `temporarily_unavailable` is section 4.1.2.1's, for what passes by itself. */
export type OAuthErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'invalid_scope'
  | 'temporarily_unavailable';

/** A fault of the request that OAuth has its own word for. */
export class OAuthError extends MoltbotError {
  readonly oauthCode: OAuthErrorCode;

  constructor(oauthCode: OAuthErrorCode, message: string) {
    super('BAD_REQUEST', message);
    this.oauthCode = oauthCode;
  }
}

export interface OAuthAnswer {
  readonly status: number;
  readonly error: OAuthErrorCode;
  readonly description: string;
}

/** Our errors in OAuth's words. Section 5.2 wants 400 for all but a wrong client; what it has no word for keeps our status. */
export function oauthAnswerOf(known: MoltbotError): OAuthAnswer {
  const text = known.hint ? `${known.message} ${known.hint}` : known.message;
  // Neither quotes, backslashes nor anything beyond ASCII (section 5.2).
  const description = text.replace(/["\\]/g, "'").replace(/[^ -~]/g, '?');
  if (known instanceof OAuthError) return { status: 400, error: known.oauthCode, description };
  switch (known.code) {
    case 'AGENT_KEY_REJECTED':
      return { status: 401, error: 'invalid_client', description };
    case 'AGENT_PAUSED':
    case 'AGENT_EXPIRED':
      return { status: 400, error: 'unauthorized_client', description };
    case 'PROVIDER_NOT_ALLOWED':
    case 'PROVIDER_NOT_FOUND':
      return { status: 400, error: 'invalid_scope', description };
    default: {
      const status = known.httpStatus;
      return { status, error: status < 500 ? 'invalid_request' : 'temporarily_unavailable', description };
    }
  }
}

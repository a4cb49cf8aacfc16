/** Error codes of RFC 6749, section 5.2; `temporarily_unavailable` is section 4.1.2.1's, for what passes by itself. */
export type OAuthErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'invalid_scope'
  | 'temporarily_unavailable';

/** A refusal of the token endpoint. The description is a sentence of ours without quotes or backslashes (section 5.2). */
export class OAuthError extends Error {
  readonly code: OAuthErrorCode;
  readonly description: string;
  readonly status: number;

  constructor(code: OAuthErrorCode, description: string, status = 400) {
    const plain = description.replace(/["\\]/g, "'").replace(/[^ -~]/g, '?');
    super(plain);
    this.name = 'OAuthError';
    this.code = code;
    this.description = plain;
    this.status = status;
  }
}

import { OAuthError } from './oauth-error.ts';

/** Parameters of the body; empty ones count as left out, one sent twice is refused (RFC 6749, sections 3.2 and 5.2). */
export function readForm(body: Buffer): ReadonlyMap<string, string> {
  const form = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(body.toString('utf8'))) {
    if (value === '') continue;
    if (form.has(name)) throw new OAuthError('invalid_request', 'A parameter is sent more than once.');
    form.set(name, value);
  }
  return form;
}

/** Everything that has the shape of a provider key or of one of our own tokens. */
const CREDENTIAL = /\b(sk-ant-|sk-proj-|sk-(?!ant-|proj-)|xai-(?!api-key\b)|mb[ampst]_)[A-Za-z0-9_-]{8,}/g;

/** Takes what looks like a credential out of a text we did not write, keeping its kind. */
export function hideCredentials(text: string): string {
  return text.replace(CREDENTIAL, '$1…');
}

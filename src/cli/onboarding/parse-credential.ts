import { MoltbotError } from '../../core/errors.ts';
import { Secret } from '../../core/secret.ts';
import type { CredentialKind, CredentialType, Provider } from '../../providers/provider.ts';
import { cleanPaste } from '../prompts/clean-paste.ts';

/** What people mix up, most telling prefix first. */
const LOOKS_LIKE: readonly (readonly [pattern: RegExp, what: string, hint: string])[] = [
  [
    /^sk-ant-admin/,
    'an Anthropic admin key, which cannot call models',
    'Make an API key instead, in the Anthropic console.',
  ],
  [/^sk-ant-oat/, 'a setup-token', 'Paste it as one: moltbot models auth paste-token --provider anthropic'],
  [/^sk-ant-ort/, 'a refresh token of Claude Code, not a setup-token', 'Run: claude setup-token'],
  [/^sk-ant-/, 'an Anthropic API key', 'Paste it as one: moltbot models auth paste-api-key --provider anthropic'],
  [/^xai-/, 'an xAI API key', 'Paste it as one: moltbot models auth paste-api-key --provider xai'],
  [/^mb[ampst]_/, 'a token that moltbot itself gave out', 'Paste the credential that the provider gave you.'],
  [/^sk-/, 'an OpenAI API key', 'Paste it as one: moltbot models auth paste-api-key --provider openai'],
];

/**
 * A pasted text becomes a credential of that kind, or an error that says what it looks like instead; never the text.
 * Checked before any call. Fails with EMPTY_SECRET or WRONG_CREDENTIAL_KIND.
 */
export function parseCredential(provider: Provider, type: CredentialType, pasted: Secret): Secret {
  const kind = kindOf(provider, type);
  if (isTwoCredentials(pasted.reveal()))
    throw wrongKind(kind, 'There are two credentials in it', 'Paste one at a time.');
  const text = cleanPaste(pasted.reveal());
  if (text === '') throw emptySecret(kind);
  if (kind.pattern.test(text) && text.length >= kind.minimumLength) return new Secret(text);
  const likely = LOOKS_LIKE.find(([pattern]) => pattern.test(text));
  if (likely && !isOwnLook(kind, likely[0])) throw wrongKind(kind, `It looks like ${likely[1]}`, likely[2]);
  const what = kind.pattern.test(text)
    ? `It is too short: ${text.length} characters of at least ${kind.minimumLength}`
    : `It does not have the form ${kind.sample}`;
  throw wrongKind(kind, what, kind.source);
}

/** The kind of credential a provider takes under that name. */
export function kindOf(provider: Provider, type: CredentialType): CredentialKind {
  const kind = provider.credentials.find((candidate) => candidate.type === type);
  if (kind) return kind;
  const wanted = type === 'token' ? 'setup-tokens' : 'API keys';
  throw new MoltbotError('USAGE', `${provider.displayName} takes no ${wanted}.`, {
    hint:
      type === 'token'
        ? `Give it an API key: moltbot models auth paste-api-key --provider ${provider.id}`
        : 'Its backend is called without a credential; nothing needs to be stored.',
  });
}

/** The kind's own prefix: the text is of the right kind but damaged. */
function isOwnLook(kind: CredentialKind, look: RegExp): boolean {
  const first = LOOKS_LIKE.find(([pattern]) => pattern.test(`${kind.sample.replace('…', '')}x`));
  return first?.[0] === look;
}

function isTwoCredentials(text: string): boolean {
  const starts = text.match(/(?:^|[\r\n])\s*["']?(?:export\s+\w+=["']?)?(?:sk-ant-|sk-proj-|xai-)/g);
  return starts !== null && starts.length > 1;
}

function emptySecret(kind: CredentialKind): MoltbotError {
  return new MoltbotError('EMPTY_SECRET', `No ${kind.label} was given; nothing was stored.`, { hint: kind.source });
}

function wrongKind(kind: CredentialKind, what: string, hint: string): MoltbotError {
  return new MoltbotError('WRONG_CREDENTIAL_KIND', `This is not a credential of the kind "${kind.label}". ${what}.`, {
    hint,
  });
}

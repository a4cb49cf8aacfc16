import { MoltbotError } from '../../core/errors.ts';
import { printable } from '../../core/text.ts';
import type { CredentialType } from '../../providers/provider.ts';
import { hideCredentials } from '../hide-credentials.ts';

/** The flags of `moltbot onboard` that say what is to be stored. A key flag's value may be `-` for stdin. */
export interface OnboardFlags {
  readonly [name: string]: string | boolean | undefined;
}

/** Where a credential comes from. */
export type SecretSource =
  | { readonly kind: 'flag'; readonly flag: string; readonly text: string }
  | { readonly kind: 'stdin'; readonly flag: string }
  | { readonly kind: 'file'; readonly flag: string; readonly path: string };

export interface PlannedCredential {
  readonly providerId: string;
  readonly type: CredentialType;
  readonly source: SecretSource;
}

export type OnboardPlan =
  /** What the flags give. */
  | { readonly kind: 'credentials'; readonly credentials: readonly PlannedCredential[] }
  /** No credential now: only the vault is chosen. */
  | { readonly kind: 'skip' }
  /** The flags say at most which kind of credential; the person is asked. */
  | { readonly kind: 'ask'; readonly type: CredentialType | undefined };

export const KEY_PROVIDERS = ['anthropic', 'xai', 'openai'] as const;
export const AUTH_CHOICES = ['apiKey', 'setup-token', 'token', 'skip'] as const;

/** What the flags mean, or a USAGE error with the one sentence that says which of them contradict each other. */
export function planOnboarding(flags: OnboardFlags): OnboardPlan {
  const choice = flags['auth-choice'];
  if (choice !== undefined && !AUTH_CHOICES.includes(choice as never)) throw unknownChoice(String(choice));
  const keys = KEY_PROVIDERS.flatMap((providerId) => sourcesOf(flags, `${providerId}-api-key`, providerId, 'api_key'));
  const tokens = sourcesOf(flags, 'token', 'anthropic', 'token');
  assertChoiceMatches(choice, keys, tokens);
  const credentials = [...keys, ...tokens];
  assertOneEach(credentials);
  assertOneStdin(credentials);
  assertSingleOnly(flags, credentials);
  if (flags['token-expires-in'] !== undefined && keys.length > 0 && tokens.length === 0) throw expiryWithoutToken();
  if (choice === 'skip') return { kind: 'skip' };
  if (credentials.length > 0) return { kind: 'credentials', credentials };
  const type = choice === undefined ? undefined : choice === 'apiKey' ? 'api_key' : 'token';
  return { kind: 'ask', type };
}

/** The three ways of one flag: the value (or `-`), `-stdin`, `-file`. */
function sourcesOf(flags: OnboardFlags, flag: string, providerId: string, type: CredentialType): PlannedCredential[] {
  const sources: SecretSource[] = [];
  const text = flags[flag];
  if (text === '-') sources.push({ kind: 'stdin', flag });
  else if (typeof text === 'string') sources.push({ kind: 'flag', flag, text });
  if (flags[`${flag}-stdin`] === true) sources.push({ kind: 'stdin', flag: `${flag}-stdin` });
  const path = flags[`${flag}-file`];
  if (typeof path === 'string') sources.push({ kind: 'file', flag: `${flag}-file`, path });
  return sources.map((source) => ({ providerId, type, source }));
}

function assertChoiceMatches(
  choice: OnboardFlags[string],
  keys: readonly PlannedCredential[],
  tokens: readonly PlannedCredential[],
): void {
  if (choice === undefined) return;
  const given = [...keys, ...tokens];
  const foreign = choice === 'skip' ? given : choice === 'apiKey' ? tokens : keys;
  if (foreign.length === 0) return;
  throw usage(
    `--auth-choice ${choice} does not match --${foreign[0]!.source.flag}.`,
    'Leave --auth-choice out: it follows from the credential that is given.',
  );
}

function assertOneEach(credentials: readonly PlannedCredential[]): void {
  for (const [index, { providerId, source }] of credentials.entries()) {
    const earlier = credentials.slice(0, index).find((other) => other.providerId === providerId);
    if (!earlier) continue;
    throw usage(
      `Two credentials for ${providerId} were given: --${earlier.source.flag} and --${source.flag}.`,
      'Give one; add the other with: moltbot models auth add',
    );
  }
}

function assertOneStdin(credentials: readonly PlannedCredential[]): void {
  const [first, second] = credentials.filter(({ source }) => source.kind === 'stdin');
  if (!first || !second) return;
  throw usage(
    `--${first.source.flag} and --${second.source.flag} both want to read stdin.`,
    'Only one credential can come from there; give the other by file.',
  );
}

function assertSingleOnly(flags: OnboardFlags, credentials: readonly PlannedCredential[]): void {
  const flag = ['base-url', 'profile-id'].find((name) => flags[name] !== undefined);
  if (!flag || credentials.length < 2) return;
  throw usage(
    `--${flag} belongs to one provider, and ${credentials.length} are given.`,
    'Run onboard once for each provider.',
  );
}

function unknownChoice(choice: string): MoltbotError {
  return usage(
    `There is no auth choice "${printable(hideCredentials(choice))}".`,
    `Choose one of: ${AUTH_CHOICES.join(', ')}`,
  );
}

function expiryWithoutToken(): MoltbotError {
  return usage('--token-expires-in is about a token, and none is given.', 'API keys have no expiry; leave it out.');
}

function usage(message: string, hint: string): MoltbotError {
  return new MoltbotError('USAGE', message, { hint });
}

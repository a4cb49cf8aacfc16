import { isMoltbotError } from '../../core/errors.ts';
import type { Secret } from '../../core/secret.ts';
import { formatTime } from '../../core/time.ts';
import { upstreamBase } from '../../gateway/target/upstream-target.ts';
import type { Profile } from '../../profiles/profile-store.ts';
import type { Provider } from '../../providers/provider.ts';
import { assertBaseUrl, type CredentialRequest } from '../onboarding/credential-request.ts';
import { parseCredential } from '../onboarding/parse-credential.ts';
import { chooseProvider, typeOfCredential } from './choose-provider.ts';
import type { Find } from './find.ts';
import { type ImportItem, type LeftOutItem, leftOut, type PlannedItem } from './import-item.ts';
import { freeId, profileName } from './profile-name.ts';
import { providerDefinition } from './provider-definition.ts';

/** What the plan depends on. */
export interface ImportSetting {
  readonly agentId: string;
  readonly providers: ReadonlyMap<string, Provider>;
  /** The agent's stored profiles. */
  readonly profiles: readonly Profile[];
  /** Of a secret, as profiles carry it; asked only where there are profiles. */
  readonly fingerprintOf: (secret: Secret) => string;
  /** A stored profile of the same id gives way. */
  readonly replace: boolean;
}

/** One find, its form checked: whose it is and where it goes. */
interface Candidate {
  readonly find: Find;
  readonly provider: Provider;
  readonly request: Omit<CredentialRequest, 'profileId'>;
  readonly present: Profile | undefined;
}

/** What becomes of each find, in their order. Reads nothing and asks nobody. */
export function planImport(finds: readonly Find[], setting: ImportSetting, nowMs: number): ImportItem[] {
  const candidates = finds.map((find) => candidateOf(find, setting, nowMs));
  const taken = new Set(
    candidates.flatMap((each) => ('present' in each && each.present ? [each.present.profileId] : [])),
  );
  const firstOf = new Map<string, string>();
  return candidates.map((candidate) => {
    if ('status' in candidate) return candidate;
    const { find, request, present } = candidate;
    const { secret } = request;
    const earlier = firstOf.get(secret.reveal());
    if (earlier !== undefined) return { status: 'repeated', find, profileId: earlier, secret };
    const item = present ? undefined : place(candidate, setting, taken);
    if (item?.status === 'left_out') return item;
    const profileId = item?.request.profileId ?? present!.profileId;
    firstOf.set(secret.reveal(), profileId);
    taken.add(profileId);
    return item ?? { status: 'present', find, profileId, secret };
  });
}

function candidateOf(find: Find, setting: ImportSetting, nowMs: number): Candidate | LeftOutItem {
  if (find.value.kind === 'unusable') return leftOut(find, find.value.reason);
  const text = find.value.secret.reveal();
  const provider = chooseProvider(find, text, setting.providers);
  if (!provider)
    return leftOut(find, 'belongs to a provider that is not defined here', { hint: providerDefinition(find) });
  try {
    const type = typeOfCredential(provider, text, find.type);
    const secret = parseCredential(provider, type, find.value.secret);
    const { expiresAtMs } = find;
    if (expiresAtMs !== undefined && expiresAtMs <= nowMs)
      return leftOut(find, `expired at ${formatTime(expiresAtMs)}`);
    if (find.baseUrl !== undefined) assertBaseUrl(provider, find.baseUrl);
    const expiresInMs = expiresAtMs === undefined ? undefined : expiresAtMs - nowMs;
    const request = { agentId: setting.agentId, provider, type, secret, baseUrl: find.baseUrl, expiresInMs };
    return { find, provider, request, present: presentProfile(secret, provider, setting) };
  } catch (error) {
    if (!isMoltbotError(error)) throw error;
    return leftOut(find, `cannot be used: ${error.message}`, { hint: error.hint, code: error.code });
  }
}

function presentProfile(secret: Secret, provider: Provider, setting: ImportSetting): Profile | undefined {
  const ofProvider = setting.profiles.filter((profile) => profile.provider === provider.id);
  if (ofProvider.length === 0) return undefined;
  const fingerprint = setting.fingerprintOf(secret);
  return ofProvider.find((profile) => profile.fingerprint === fingerprint);
}

/** Gives it a profile id. One that this import has used is numbered on; one with another key gives way only if asked to. */
function place(
  { find, provider, request }: Candidate,
  setting: ImportSetting,
  taken: ReadonlySet<string>,
): PlannedItem | LeftOutItem {
  const profileId = freeId(`${provider.id}:${profileName(find.name)}`, (id) => taken.has(id));
  const stored = setting.profiles.find((profile) => profile.profileId === profileId);
  if (stored && !setting.replace) {
    return leftOut(find, `would be ${profileId}, which is there with another key (${stored.label})`, {
      hint: 'Take its place with: --replace',
      code: 'ALREADY_EXISTS',
    });
  }
  return { status: 'planned', find, ...addressOf(request, profileId, stored !== undefined) };
}

/**
 * The address it is sent to: the provider's own, if the source says nothing or the same. Said in full where a profile is
 * replaced, because that one's address would hold otherwise.
 */
function addressOf(
  request: Candidate['request'],
  profileId: string,
  replaces: boolean,
): Omit<PlannedItem, 'status' | 'find'> {
  const { dialect, defaultBaseUrl } = request.provider;
  const own = upstreamBase(dialect, defaultBaseUrl);
  const base = upstreamBase(dialect, request.baseUrl ?? defaultBaseUrl);
  const isOwn = base.origin === own.origin && base.prefix === own.prefix;
  const fallback = replaces ? defaultBaseUrl : undefined;
  const baseUrl = isOwn ? fallback : request.baseUrl;
  return {
    request: { ...request, profileId, baseUrl },
    origin: base.origin,
    isElsewhere: base.origin !== own.origin,
    replaces,
  };
}

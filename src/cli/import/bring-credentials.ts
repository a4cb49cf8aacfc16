import type { App } from '../../app.ts';
import { isMoltbotError } from '../../core/errors.ts';
import { type PreparedCredential, prepareCredential } from '../onboarding/prepare-credential.ts';
import { storeCredentials } from '../onboarding/store-credentials.ts';
import { TOKEN_TERMS } from '../onboarding/token-terms.ts';
import { chooseVault, namedVault, type VaultKind } from '../onboarding/vault-choice.ts';
import { cleanPaste } from '../prompts/clean-paste.ts';
import { type ImportItem, type LeftOutItem, leftOut, type PlannedItem } from './import-item.ts';

/**
 * Tests what is planned and stores what passed; a credential that the provider refuses is left out, the others are
 * brought. Fails as the vault fails.
 */
export async function bringCredentials(
  app: App,
  items: readonly ImportItem[],
  options: { readonly skipTest: boolean; readonly vault: VaultKind | undefined; readonly note: (line: string) => void },
): Promise<ImportItem[]> {
  const planned = items.filter((item) => item.status === 'planned');
  if (planned.length === 0) return followFirst(items);
  if (planned.some(({ request }) => request.type === 'token')) options.note(TOKEN_TERMS);
  const named = await namedVault(app, options.vault);
  const outcomes = new Map<ImportItem, ImportItem>();
  const prepared = new Map<PlannedItem, PreparedCredential>();
  for (const item of planned) {
    if (!options.skipTest) options.note(`Testing ${item.request.profileId} at ${item.origin} …`);
    const outcome = await prepare(app, item, options.skipTest);
    if ('status' in outcome) outcomes.set(item, outcome);
    else prepared.set(item, outcome);
  }
  if (prepared.size > 0) {
    const vault = named ?? (await chooseVault(app, options.vault));
    if (vault.isNew) options.note(`${vault.why} The config now says so.`);
    const stored = await storeCredentials(app, [...prepared.values()], { vault });
    for (const [index, item] of [...prepared.keys()].entries()) {
      const { find, request } = item;
      outcomes.set(item, { status: 'brought', find, stored: stored[index]!, secret: request.secret });
    }
  }
  return followFirst(items.map((item) => outcomes.get(item) ?? item));
}

async function prepare(app: App, item: PlannedItem, skipTest: boolean): Promise<PreparedCredential | LeftOutItem> {
  const { find, request, origin } = item;
  const { displayName } = request.provider;
  try {
    return await prepareCredential(app, request, { skipTest });
  } catch (error) {
    if (!isMoltbotError(error)) throw error;
    const { code } = error;
    if (code === 'CREDENTIAL_REFUSED') return leftOut(find, `was refused by ${displayName} at ${origin}`, { code });
    if (code !== 'PROVIDER_UNREACHABLE')
      return leftOut(find, `cannot be used: ${error.message}`, { code, hint: error.hint });
    const hint = 'Try again in a moment, or bring it untested with: --skip-test';
    return leftOut(find, `could not be tested: ${displayName} did not answer at ${origin} as it should`, {
      code,
      hint,
    });
  }
}

/** A repeat of what was not brought after all is left out like it. */
function followFirst(items: readonly ImportItem[]): ImportItem[] {
  const firsts = new Map<string, LeftOutItem>();
  const here = new Set<string>();
  for (const item of items) {
    if (item.status === 'brought' || item.status === 'present') here.add(item.secret.reveal());
    if (item.status === 'left_out' && item.find.value.kind === 'secret')
      firsts.set(cleanPaste(item.find.value.secret.reveal()), item);
  }
  return items.map((item) => {
    if (item.status !== 'repeated' || here.has(item.secret.reveal())) return item;
    const first = firsts.get(item.secret.reveal());
    return first ? { ...first, find: item.find } : item;
  });
}

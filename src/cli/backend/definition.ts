import type { ProviderConfig } from '../../config/schema.ts';
import { isMoltbotError, MoltbotError } from '../../core/errors.ts';
import { parseBaseUrl } from '../../gateway/target/upstream-target.ts';

interface Answers {
  readonly baseUrl: string | undefined;
  readonly api: readonly string[] | undefined;
  readonly auth: string;
  readonly testModel: string | undefined;
  readonly allowPrivateNetwork: boolean;
}

/** A provider definition as it goes into the config; what is not said is left out. USAGE without a usable base URL. */
export function definitionOf(name: string, answers: Answers): ProviderConfig {
  const { baseUrl, api, auth, testModel, allowPrivateNetwork } = answers;
  if (baseUrl === undefined) throw noBaseUrl(name);
  assertBaseUrl(baseUrl);
  return {
    api: (api ?? ['openai-chat']) as ProviderConfig['api'],
    auth: auth as ProviderConfig['auth'],
    baseUrl,
    ...(testModel === undefined ? {} : { testModel }),
    ...(allowPrivateNetwork ? { allowPrivateNetwork } : {}),
  };
}

/** The same rule as for the config, but here it is what was typed that is wrong. */
function assertBaseUrl(baseUrl: string): void {
  try {
    parseBaseUrl(baseUrl);
  } catch (error) {
    if (!isMoltbotError(error)) throw error;
    throw new MoltbotError('USAGE', error.message, { ...(error.hint ? { hint: error.hint } : {}), cause: error });
  }
}

function noBaseUrl(name: string): MoltbotError {
  return new MoltbotError('USAGE', `Where the provider "${name}" is was not said.`, {
    hint: `Give its address: moltbot backend add ${name} --base-url http://127.0.0.1:11434/v1`,
  });
}

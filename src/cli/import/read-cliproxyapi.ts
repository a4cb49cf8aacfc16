import type { Find, ReadContext, Reading } from './find.ts';
import { foundValue, loginOf } from './found-value.ts';
import { parseText } from './parse-text.ts';
import { isRecord, listOf, recordOf, textOf } from './unknown-value.ts';

/**
 * CLIProxyAPI's `config.yaml`. Up to version 7: lists `claude-api-key`, `codex-api-key`, `xai-api-key`, `gemini-api-key`
 * … of `{ api-key, base-url }`, and `openai-compatibility` of `{ name, base-url, api-key-entries: [{ api-key }] }`, where
 * the list `api-keys` is its own, for its clients. Since version 8 `api-keys` is a map: `claude`, `codex`, `xai`,
 * `openai-compatibility` … → groups `{ name, base-url, keys: [{ api-key }] }`, and its own keys are `access.api-keys`.
 * Source: router-for-me/CLIProxyAPI, `config.example.yaml` and the configuration reference ("Legacy layout").
 */
export function readCliproxyapi(text: string, context: ReadContext): Reading {
  const raw = recordOf(parseText('yaml', text, context.file));
  const finds: Find[] = [];
  for (const [section, value] of Object.entries(raw)) {
    const provider = /^(.+)-api-key$/.exec(section)?.[1];
    if (provider) finds.push(...keysOf(listOf(value), section, { provider }, context));
    if (section === 'openai-compatibility') finds.push(...groupFinds(value, section, undefined, context));
  }
  if (isRecord(raw['api-keys'])) {
    for (const [provider, groups] of Object.entries(raw['api-keys'])) {
      const isNamed = provider === 'openai-compatibility';
      finds.push(...groupFinds(groups, `api-keys.${provider}`, isNamed ? undefined : provider, context));
    }
  }
  const authDir = textOf(raw['auth-dir']) ?? textOf(recordOf(raw.oauth)['auth-dir']);
  if (authDir === undefined || /^~\/\.cli-proxy-api\/?$/.test(authDir)) return { finds };
  return { finds, notes: [`The logins (OAuth) in ${authDir} were not looked at; they cannot be brought.`] };
}

/** Groups of keys with one address; without `provider` the group's own name says whose they are. */
function groupFinds(value: unknown, at: string, provider: string | undefined, context: ReadContext): Find[] {
  return listOf(value).flatMap((entry, index) => {
    const group = recordOf(entry);
    const named = { provider: provider ?? textOf(group.name) ?? '', baseUrl: textOf(group['base-url']) };
    const list = 'keys' in group ? 'keys' : 'api-key-entries';
    return keysOf(listOf(group[list]), `${at}[${index}].${list}`, named, context);
  });
}

function keysOf(
  entries: readonly unknown[],
  at: string,
  group: { readonly provider: string; readonly baseUrl?: string | undefined },
  context: ReadContext,
): Find[] {
  return entries.flatMap((entry, index) => {
    const key = recordOf(entry);
    const value = foundValue(key['api-key'], context);
    if (!value) return [];
    const baseUrl = textOf(key['base-url']) ?? group.baseUrl;
    const where = `${at}[${index}]`;
    return [
      { file: context.file, where, provider: group.provider, type: 'api_key', name: 'cliproxyapi', baseUrl, value },
    ];
  });
}

/**
 * A file of CLIProxyAPI's `auth-dir` (`~/.cli-proxy-api/*.json`): a login, `{ type: "claude" | "codex" | …, access_token,
 * refresh_token, email }`. Source: the same configuration reference.
 */
export function readCliproxyapiLogin(text: string, context: ReadContext): Reading {
  const raw = recordOf(parseText('json', text, context.file));
  const provider = textOf(raw.type);
  if (provider === undefined) return { finds: [] };
  const value = loginOf(provider);
  return { finds: [{ file: context.file, where: provider, provider, type: 'token', name: 'cliproxyapi', value }] };
}

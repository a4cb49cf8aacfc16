import { foreignMark } from '../../config/foreign.ts';
import type { Find, ReadContext, Reading } from './find.ts';
import { foundValue, loginOf } from './found-value.ts';
import { parseText } from './parse-text.ts';
import { isRecord, recordOf, textOf } from './unknown-value.ts';

/**
 * OpenClaw's credentials of one agent: `auth-profiles.json`, or the same JSON in a cell of its 2026.9 databases:
 * `{ version, profiles: { "anthropic:default": { type, provider, … } } }`. `type` is `api_key` (`key` or `keyRef`),
 * `token` (`token` or `tokenRef`, `expires` in epoch ms) or `oauth` (`access`, `refresh`, `expires`); older files say
 * `mode` for `type`, `apiKey` or `api_key` for `key`. The oldest (`auth.json`) have no `profiles`: one entry a provider.
 * Source: openclaw/openclaw, `src/agents/auth-profiles/` (`types.ts`, `credential-schema.ts`,
 * `legacy-flat-credential.ts`, `sqlite-json.ts`).
 */
export function readAuthProfiles(text: string, context: ReadContext): Reading {
  const raw = recordOf(parseText('json', text, context.file));
  const isNested = 'profiles' in raw;
  const entries = Object.entries(recordOf(isNested ? raw.profiles : raw));
  const finds = entries.flatMap(([id, entry]) => {
    const where = isNested ? `profiles[${JSON.stringify(id)}]` : id;
    return isRecord(entry) ? profileFind(id, entry, where, context) : [];
  });
  return { finds };
}

function profileFind(
  id: string,
  entry: Readonly<Record<string, unknown>>,
  where: string,
  context: ReadContext,
): Find[] {
  const [idProvider = '', idName] = splitId(id);
  const provider = textOf(entry.provider) ?? idProvider;
  const find = { file: context.file, where, provider, name: idName ?? 'default' };
  const kind = textOf(entry.type) ?? textOf(entry.mode);
  if (kind === 'oauth' || textOf(entry.refresh) !== undefined) {
    return [{ ...find, type: 'token', value: loginOf(provider) }];
  }
  const isToken = kind === 'token' || (kind === undefined && 'token' in entry);
  const value = isToken
    ? foundValue(given(entry.token) ?? entry.tokenRef, context)
    : foundValue(given(entry.key) ?? entry.keyRef ?? entry.apiKey ?? entry.api_key, context);
  if (!value) return [];
  const expiresAtMs = typeof entry.expires === 'number' && entry.expires > 0 ? entry.expires : undefined;
  return [{ ...find, type: isToken ? 'token' : 'api_key', value, expiresAtMs }];
}

/**
 * `openclaw.json` (JSON5; earlier `clawdbot.json`, `moltbot.json`): `models.providers.<id>` has `baseUrl` and may have
 * `apiKey`; `env` and `env.vars` may hold keys by the names of variables. Source: OpenClaw's configuration reference,
 * `docs/gateway/configuration-reference.md`. A file under our own name is theirs only when it has a mark of theirs.
 */
export function readOpenclawConfig(text: string, context: ReadContext): Reading {
  const raw = recordOf(parseText('json', text, context.file));
  if (/[/\\]moltbot\.json$/.test(context.file) && !foreignMark(raw)) return { finds: [] };
  const providers = Object.entries(recordOf(recordOf(raw.models).providers));
  const baseUrls: Record<string, string> = {};
  const finds: Find[] = [];
  for (const [provider, settings] of providers) {
    const { baseUrl, apiKey } = recordOf(settings);
    const url = textOf(baseUrl);
    if (url !== undefined) baseUrls[provider] = url;
    const value = foundValue(apiKey, context);
    if (!value) continue;
    const where = `models.providers.${provider}.apiKey`;
    finds.push({ file: context.file, where, provider, type: 'api_key', name: 'openclaw', baseUrl: url, value });
  }
  const env = recordOf(raw.env);
  finds.push(...variableFinds(env, 'env', context), ...variableFinds(recordOf(env.vars), 'env.vars', context));
  return { finds, baseUrls };
}

/**
 * Files of variables that OpenClaw reads at start: `.env` in its state directory, and `~/.config/openclaw/gateway.env`.
 * Source: docs.openclaw.ai/help/environment.
 */
export function readOpenclawEnvironment(text: string, context: ReadContext): Reading {
  return { finds: variableFinds(recordOf(parseText('env', text, context.file)), '', context) };
}

/** The variables that are certainly a provider's key. */
const VARIABLES: Readonly<Record<string, readonly [provider: string, type: 'api_key' | 'token']>> = {
  ANTHROPIC_API_KEY: ['anthropic', 'api_key'],
  ANTHROPIC_OAUTH_TOKEN: ['anthropic', 'token'],
  CLAUDE_CODE_OAUTH_TOKEN: ['anthropic', 'token'],
  OPENAI_API_KEY: ['openai', 'api_key'],
  XAI_API_KEY: ['xai', 'api_key'],
};

function variableFinds(variables: Readonly<Record<string, unknown>>, at: string, context: ReadContext): Find[] {
  return Object.entries(VARIABLES).flatMap(([name, [provider, type]]) => {
    const value = foundValue(variables[name], context);
    const where = at === '' ? name : `${at}.${name}`;
    return value ? [{ file: context.file, where, provider, type, name: 'openclaw', value }] : [];
  });
}

/** `anthropic:me@example.com` → its parts; the name may itself have colons. */
function splitId(id: string): [provider: string, name: string | undefined] {
  const colon = id.indexOf(':');
  return colon === -1 ? [id, undefined] : [id.slice(0, colon), id.slice(colon + 1)];
}

/** A blank text counts as not given: the reference beside it holds then. */
function given(value: unknown): unknown {
  return typeof value === 'string' ? textOf(value) : (value ?? undefined);
}

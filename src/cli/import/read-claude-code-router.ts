import type { Find, ReadContext, Reading } from './find.ts';
import { foundValue, unusable } from './found-value.ts';
import { parseText } from './parse-text.ts';
import { listOf, recordOf, textOf } from './unknown-value.ts';

/** What stands for the login of a coding agent on the same machine (`agents/local-providers/shared.ts`). */
const LOGIN_OF_AN_AGENT = 'ccr-local-agent-login';
const IS_LOGIN = unusable('is the login of a coding agent on this machine (OAuth), not a key');

/**
 * claude-code-router's configuration: `config.json` (JSON5) up to version 1, since then the same JSON in `config.sqlite`,
 * table `app_config`, key `default`. `Providers` is a list of `{ name, api_base_url | baseUrl, api_key | apiKey | apikey,
 * credentials: [{ id, label, name, api_key … }] }`; the URL is the whole endpoint, path included. `APIKEY`, `APIKEYS` and
 * the table `api_keys` are the router's own, for its clients: they open nothing at a provider.
 * Source: musistudio/claude-code-router, README and `packages/core/src/` (`config/config-repository.ts`,
 * `contracts/app.ts`).
 */
export function readClaudeCodeRouter(text: string, context: ReadContext): Reading {
  const raw = recordOf(parseText('json', text, context.file));
  const providers = listOf(raw.Providers ?? raw.providers);
  return { finds: providers.flatMap((provider, index) => providerFinds(recordOf(provider), index, context)) };
}

function providerFinds(provider: Readonly<Record<string, unknown>>, index: number, context: ReadContext): Find[] {
  const name = textOf(provider.name) ?? '';
  const baseUrl = withoutEndpoint(
    textOf(provider.api_base_url) ?? textOf(provider.baseUrl) ?? textOf(provider.baseurl),
  );
  const finds: Find[] = [];
  const add = (holder: Readonly<Record<string, unknown>>, where: string, profile: string) => {
    const key = holder.api_key ?? holder.apiKey ?? holder.apikey;
    const value = textOf(key) === LOGIN_OF_AN_AGENT ? IS_LOGIN : foundValue(key, context);
    if (value)
      finds.push({ file: context.file, where, provider: name, type: 'api_key', baseUrl, name: profile, value });
  };
  add(provider, `Providers[${index}]`, 'claude-code-router');
  for (const [at, entry] of listOf(provider.credentials).entries()) {
    const credential = recordOf(entry);
    const label = textOf(credential.label) ?? textOf(credential.name) ?? textOf(credential.id);
    add(credential, `Providers[${index}].credentials[${at}]`, label ?? 'claude-code-router');
  }
  return finds;
}

/** `https://api.anthropic.com/v1/messages` → `https://api.anthropic.com/v1` */
export function withoutEndpoint(url: string | undefined): string | undefined {
  return url?.replace(/\/(?:messages|chat\/completions|responses|completions)\/?$/, '');
}

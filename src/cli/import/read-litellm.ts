import type { Find, ReadContext, Reading } from './find.ts';
import { foundValue } from './found-value.ts';
import { parseText } from './parse-text.ts';
import { withoutEndpoint } from './read-claude-code-router.ts';
import { listOf, recordOf, textOf } from './unknown-value.ts';

type Holder = Readonly<Record<string, unknown>>;

/**
 * LiteLLM's `config.yaml`: `model_list[].litellm_params` has `model` (`anthropic/claude-…`, the part before the slash is
 * the provider), `api_key`, `api_base` and may name a `litellm_credential_name` of `credential_list[]` (`credential_name`,
 * `credential_values`, `credential_info`). `environment_variables` fills the environment that `os.environ/NAME` looks
 * into. `general_settings.master_key` is LiteLLM's own, for its clients: it opens nothing at a provider.
 * Source: docs.litellm.ai/docs/proxy/configs and …/config_management (`include`); `credential_list` from public configs.
 */
export function readLitellm(text: string, context: ReadContext): Reading {
  const raw = recordOf(parseText('yaml', text, context.file));
  const own = recordOf(raw.environment_variables);
  const variable = (name: string) => textOf(own[name]) ?? context.variable(name);
  const inside = { ...context, variable };
  const models = listOf(raw.model_list).map((model) => recordOf(recordOf(model).litellm_params));
  const finds = models.flatMap((params, index) => modelFind(params, `model_list[${index}].litellm_params`, inside));
  for (const [index, entry] of listOf(raw.credential_list).entries()) {
    finds.push(...credentialFind(recordOf(entry), `credential_list[${index}]`, models, inside));
  }
  const included = textOf(raw.include) === undefined ? listOf(raw.include).length : 1;
  if (included === 0) return { finds };
  return { finds, notes: [`${context.file} includes other files (${included}); import each with --from.`] };
}

function modelFind(params: Holder, where: string, context: ReadContext): Find[] {
  return holderFind(params, where, { provider: providerOf(params), name: 'litellm' }, context);
}

function credentialFind(entry: Holder, where: string, models: readonly Holder[], context: ReadContext): Find[] {
  const name = textOf(entry.credential_name) ?? 'litellm';
  const about = recordOf(entry.credential_info);
  const user = models.find((params) => textOf(params.litellm_credential_name) === name);
  const provider = textOf(about.custom_llm_provider) ?? (user ? providerOf(user) : textOf(about.provider));
  return holderFind(recordOf(entry.credential_values), where, { provider: provider ?? '', name }, context);
}

function holderFind(
  holder: Holder,
  where: string,
  named: { readonly provider: string; readonly name: string },
  context: ReadContext,
): Find[] {
  const value = foundValue(holder.api_key, context);
  if (!value) return [];
  const base = foundValue(holder.api_base ?? holder.base_url, context);
  // An address that is a variable nobody set: the key must not go to the default instead.
  if (base?.kind === 'unusable') return [{ file: context.file, where, ...named, type: 'api_key', value: base }];
  const baseUrl = withoutEndpoint(base?.secret.reveal());
  return [{ file: context.file, where, ...named, type: 'api_key', baseUrl, value }];
}

/** The prefix of the model, else what LiteLLM makes of its name. */
function providerOf(params: Holder): string {
  const said = textOf(params.custom_llm_provider);
  if (said !== undefined) return said;
  const model = textOf(params.model) ?? '';
  const slash = model.indexOf('/');
  if (slash > 0) return model.slice(0, slash);
  if (/^claude/.test(model)) return 'anthropic';
  return /^(?:gpt-|chatgpt|o\d)/.test(model) ? 'openai' : '';
}

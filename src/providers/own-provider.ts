import type { ProviderConfig } from '../config/schema.ts';
import { MoltbotError } from '../core/errors.ts';
import { DEFAULT_ANTHROPIC_VERSION } from './anthropic.ts';
import type { CredentialKind, Provider, WireFormat } from './provider.ts';
import { allowedRoutes, routesForFormats } from './routes.ts';

/**
 * A provider that a person defined: its wire formats decide routes and dialect, `auth` how its key is sent. Without a
 * credential (`auth: "none"`) the gateway gives it the profile `<id>:none`.
 */
export function ownProvider(id: string, config: ProviderConfig): Provider {
  const formats: readonly WireFormat[] = config.api ?? ['openai-chat'];
  const speaksAnthropic = formats.includes('anthropic-messages');
  if (speaksAnthropic && formats.length > 1) throw mixedDialects(id);
  if (!config.baseUrl) throw withoutBaseUrl(id);
  const style = config.auth ?? 'bearer';
  return {
    id,
    displayName: id,
    dialect: speaksAnthropic ? 'anthropic' : 'openai',
    formats,
    defaultBaseUrl: config.baseUrl,
    builtInOrigin: undefined,
    credentials: style === 'none' ? [] : [anyKey(id, style)],
    authStyle: style,
    environmentNames: [`${id.toUpperCase().replaceAll('-', '_')}_API_KEY`],
    routes: [...routesForFormats(formats), ...allowedRoutes(config.allowRoutes ?? [])],
    testCall: config.testModel ? testCall(config.testModel, formats[0]!) : undefined,
    builtIn: false,
    betas: config.betas ?? [],
    headers: config.headers ?? {},
    allowPrivateNetwork: config.allowPrivateNetwork ?? false,
  };
}

function anyKey(id: string, style: 'bearer' | 'x-api-key'): CredentialKind {
  return {
    type: 'api_key',
    label: `${id} API key`,
    pattern: /^[\x21-\x7e]{8,}$/,
    minimumLength: 8,
    sample: '…',
    source: `Ask whoever runs ${id}.`,
    style,
  };
}

function testCall(model: string, format: WireFormat): NonNullable<Provider['testCall']> {
  const messages = [{ role: 'user', content: 'Hi' }];
  if (format === 'anthropic-messages') {
    return {
      model,
      path: 'messages',
      headers: { 'anthropic-version': DEFAULT_ANTHROPIC_VERSION },
      body: (name) => ({ model: name, max_tokens: 10, messages }),
      expects: ['id', 'type', 'content'],
    };
  }
  if (format === 'openai-responses') {
    const body = (name: string) => ({ model: name, max_output_tokens: 16, input: 'Hi' });
    return { model, path: 'responses', headers: {}, body, expects: ['id', 'output'] };
  }
  const body = (name: string) => ({ model: name, max_tokens: 10, messages });
  return { model, path: 'chat/completions', headers: {}, body, expects: ['id', 'choices'] };
}

function mixedDialects(id: string): MoltbotError {
  return new MoltbotError('CONFIG_INVALID', `models.providers.${id}.api mixes Anthropic's dialect with OpenAI's.`, {
    hint: 'Define two providers, one for each dialect.',
  });
}

function withoutBaseUrl(id: string): MoltbotError {
  return new MoltbotError('CONFIG_INVALID', `models.providers.${id} has no baseUrl.`, {
    hint: `Set it: moltbot config set models.providers.${id}.baseUrl http://127.0.0.1:11434/v1`,
  });
}

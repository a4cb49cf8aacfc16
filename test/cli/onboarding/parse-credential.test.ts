import { describe, expect, it } from 'vitest';
import { parseCredential } from '../../../src/cli/onboarding/parse-credential.ts';
import { Secret } from '../../../src/core/secret.ts';
import { anthropic } from '../../../src/providers/anthropic.ts';
import { openai } from '../../../src/providers/openai.ts';
import type { CredentialType, Provider } from '../../../src/providers/provider.ts';
import { xai } from '../../../src/providers/xai.ts';

const long = 'aZ09_-'.repeat(15);

function codeOf(provider: Provider, type: CredentialType, text: string): string {
  try {
    return parseCredential(provider, type, new Secret(text)).reveal() === '' ? 'empty' : 'ok';
  } catch (error) {
    expect(String((error as Error).message)).not.toContain(long);
    return (error as { code: string }).code;
  }
}

describe('parseCredential', () => {
  it.each([
    ['an Anthropic key', anthropic, 'api_key', `sk-ant-sim-${long}`, 'ok'],
    ['a setup-token', anthropic, 'token', `sk-ant-oat01-sim-${long}`, 'ok'],
    ['an xAI key', xai, 'api_key', `xai-sim-${long}`, 'ok'],
    ['an OpenAI key', openai, 'api_key', `sk-sim-${long}`, 'ok'],
    ['nothing', anthropic, 'api_key', ' \n', 'EMPTY_SECRET'],
    ['empty quotes', anthropic, 'api_key', '""', 'EMPTY_SECRET'],
    ['a setup-token as an API key', anthropic, 'api_key', `sk-ant-oat01-${long}`, 'WRONG_CREDENTIAL_KIND'],
    ['an API key as a setup-token', anthropic, 'token', `sk-ant-sim-${long}`, 'WRONG_CREDENTIAL_KIND'],
    [
      'a setup-token of 79 characters',
      anthropic,
      'token',
      `sk-ant-oat01-${long.slice(0, 66)}`,
      'WRONG_CREDENTIAL_KIND',
    ],
    ['an admin key', anthropic, 'api_key', `sk-ant-admin01-${long}`, 'WRONG_CREDENTIAL_KIND'],
    ['an Anthropic key for OpenAI', openai, 'api_key', `sk-ant-sim-${long}`, 'WRONG_CREDENTIAL_KIND'],
    ['a key with 19 characters behind its prefix', xai, 'api_key', `xai-${long.slice(0, 19)}`, 'WRONG_CREDENTIAL_KIND'],
    ['one of our own tokens', anthropic, 'api_key', `mbt_${long}`, 'WRONG_CREDENTIAL_KIND'],
    ['two keys', anthropic, 'api_key', `sk-ant-sim-${long}\nsk-ant-sim-${long}`, 'WRONG_CREDENTIAL_KIND'],
    ['a token where there are none', xai, 'token', `sk-ant-oat01-${long}`, 'USAGE'],
  ] as const)('judges %s', (_, provider, type, text, expected) => {
    expect(codeOf(provider, type, text)).toBe(expected);
  });

  it('takes every key that fits the published pattern of its provider', () => {
    expect(codeOf(anthropic, 'api_key', `sk-ant-${'a'.repeat(20)}`)).toBe('ok');
    expect(codeOf(xai, 'api_key', `xai-${'a'.repeat(20)}`)).toBe('ok');
  });
});

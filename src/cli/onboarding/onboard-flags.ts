import { Flags } from '@oclif/core';
import { pasteFlags } from './paste-flags.ts';

/** A credential in three ways: as the flag's value (`-` reads stdin), from stdin, from a file. */
function credentialFlags<const Name extends string>(name: Name, what: string) {
  return {
    [name]: Flags.string({ description: `${what}; "-" reads it from stdin` }),
    [`${name}-stdin`]: Flags.boolean({ description: `${what}, from stdin` }),
    [`${name}-file`]: Flags.string({ description: `${what}, from a file` }),
  };
}

export const onboardFlags = {
  ...pasteFlags,
  ...credentialFlags('anthropic-api-key', 'Anthropic API key'),
  ...credentialFlags('xai-api-key', 'xAI API key'),
  ...credentialFlags('openai-api-key', 'OpenAI API key'),
  ...credentialFlags('token', 'Anthropic setup-token'),
  'token-expires-in': Flags.string({ description: 'when the token expires, for example 365d' }),
  'auth-choice': Flags.string({
    description: 'apiKey, setup-token, token or skip; follows from the other flags when left out',
  }),
  model: Flags.string({ description: 'default model, provider/model' }),
  'non-interactive': Flags.boolean({ description: 'never ask; what is missing is an error' }),
};

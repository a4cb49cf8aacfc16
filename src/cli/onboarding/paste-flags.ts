import { Flags } from '@oclif/core';
import { agentFlag } from '../base-command.ts';

/** The flags of every command that stores one credential. */
export const pasteFlags = {
  ...agentFlag,
  'profile-id': Flags.string({ description: 'name of the profile, provider:name' }),
  'base-url': Flags.string({ description: 'send this credential to another address; it wins over the provider’s' }),
  'skip-test': Flags.boolean({ description: 'store it without asking the provider' }),
  vault: Flags.option({
    options: ['keychain', 'file'] as const,
    description: 'where secrets rest; asked for once, then in the config',
  })(),
};

/** Beside them for what expires. */
export const expiryFlag = {
  'expires-in': Flags.string({ description: 'when it expires, for example 365d (a setup-token: a year is assumed)' }),
};

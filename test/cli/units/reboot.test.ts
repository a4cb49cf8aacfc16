import { describe, expect, it } from 'vitest';
import { survivesReboot } from '../../../src/cli/units/reboot.ts';

const keyFile = { kind: 'key file', path: '/k' } as const;
const passphrase = (atHand: boolean) =>
  ({ kind: 'passphrase', path: '/k', passphrase: async () => undefined, atHand }) as const;

describe('whether a set-up survives a reboot', () => {
  it('depends on who can open the vault when nobody is there, and on who starts the gateway', () => {
    expect(survivesReboot('keychain', keyFile, true).survives).toBe(false);
    expect(survivesReboot('file', passphrase(false), true).survives).toBe(false);
    expect(survivesReboot('file', passphrase(true), true).survives).toBe(true);
    expect(survivesReboot('file', keyFile, true)).toEqual({
      survives: true,
      why: 'The key file opens the vault without you. The gateway starts with the machine.',
    });
    expect(survivesReboot('file', keyFile, false)).toEqual({
      survives: false,
      why: 'The key file opens the vault without you. The gateway starts when you log in; to start it with the machine: loginctl enable-linger',
    });
  });
});

import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { fileIdentityOf, openVault } from '../../src/vault/open.ts';

const KEY = { agentId: 'main', profileId: 'anthropic:default' };
const ITEM = { secret: new Secret('sk-sim-one'), origin: 'https://api.example.com' };

describe('opening the file vault', () => {
  let home: string;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'moltbot-home-'));
  });
  afterEach(() => rmSync(home, { recursive: true }));

  const stateDir = () => join(home, '.moltbot');
  const place = (env: NodeJS.ProcessEnv = {}) => ({ stateDir: stateDir(), env: { HOME: home, ...env } });
  const passphraseFile = (text: string, mode = 0o600) => {
    const path = join(home, 'passphrase');
    writeFileSync(path, text, { mode });
    return { MOLTBOT_VAULT_PASSPHRASE_FILE: path };
  };

  it('has its key file outside the state directory, in ~/.config/moltbot or where the variable says', () => {
    const elsewhere = { MOLTBOT_VAULT_KEY_FILE: '/run/keys/vault' };
    expect([fileIdentityOf(place()), fileIdentityOf(place(elsewhere))]).toEqual([
      { kind: 'key file', path: join(home, '.config/moltbot/vault.key') },
      { kind: 'key file', path: '/run/keys/vault' },
    ]);
  });

  it('makes a new vault with the passphrase of the file, which needs it from then on', async () => {
    await openVault('file', place(passphraseFile('correct horse\n'))).set(KEY, ITEM);
    expect((await openVault('file', place(passphraseFile('correct horse'))).get(KEY))?.origin).toBe(ITEM.origin);
    await expect(openVault('file', place()).get(KEY)).rejects.toMatchObject({ code: 'VAULT_LOCKED' });
    const asked = { ...place(), askPassphrase: async () => new Secret('correct horse') };
    expect((await openVault('file', asked).get(KEY))?.secret.reveal()).toBe('sk-sim-one');
  }, 30_000);

  it('keeps a vault with a key file although a passphrase file is set later', async () => {
    await openVault('file', place()).set(KEY, ITEM);
    expect((await openVault('file', place(passphraseFile('later'))).get(KEY))?.secret.reveal()).toBe('sk-sim-one');
  });

  it('refuses a passphrase file that others can read, and names one that is empty or missing', async () => {
    const codes = async (env: NodeJS.ProcessEnv) =>
      openVault('file', place(env))
        .set(KEY, ITEM)
        .catch(({ code, message }) => [code, message]);
    const path = join(home, 'passphrase');
    expect(await codes({ MOLTBOT_VAULT_PASSPHRASE_FILE: path })).toEqual([
      'VAULT_LOCKED',
      `MOLTBOT_VAULT_PASSPHRASE_FILE names ${path}, which is missing.`,
    ]);
    expect(await codes(passphraseFile('\n'))).toEqual([
      'VAULT_LOCKED',
      `MOLTBOT_VAULT_PASSPHRASE_FILE names ${path}, which is empty.`,
    ]);
    rmSync(path);
    expect(await codes(passphraseFile('correct horse', 0o644))).toEqual([
      'NOT_PERMITTED',
      `${path} can be read by others (mode 0644).`,
    ]);
  });

  it('makes a state directory that is not there, for its owner only', async () => {
    await openVault('file', place()).set(KEY, ITEM);
    expect(statSync(stateDir()).mode & 0o777).toBe(0o700);
  });
});

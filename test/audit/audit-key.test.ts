import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AUDIT_VAULT_KEY, AuditKey } from '../../src/audit/audit-key.ts';
import { Secret } from '../../src/core/secret.ts';
import { openVault } from '../../src/vault/open.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'moltbot-audit-key-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** As another process would open it: nothing is shared in memory. */
function open(wasUsed = false) {
  const env = { MOLTBOT_VAULT_KEY_FILE: join(directory, 'vault.key') };
  const vault = openVault('file', { stateDir: directory, env });
  return {
    vault,
    key: new AuditKey({ vault: () => vault, lockPath: join(directory, 'lock'), wasUsed: () => wasUsed }),
  };
}

describe('the audit key', () => {
  it('is made once, and is the same for everybody who asks at the same time', async () => {
    expect(await open().key.read()).toBeUndefined();
    const keys = await Promise.all(Array.from({ length: 5 }, () => open().key.readOrMake()));
    expect(new Set(keys.map((key) => Buffer.from(key).toString('hex'))).size).toBe(1);
    expect(keys[0]).toHaveLength(32);
    expect(await open(true).key.readOrMake()).toEqual(keys[0]);
  });

  it('lies in the vault under a name that no agent can have', async () => {
    const { vault, key } = open();
    await key.readOrMake();
    expect(await vault.keys()).toEqual([{ agentId: '_audit', profileId: 'chain' }]);
  });

  it('is not made anew when rows were sealed with one that is gone', async () => {
    await expect(open(true).key.readOrMake()).rejects.toMatchObject({ code: 'AUDIT_BROKEN' });
    expect(await open().key.read()).toBeUndefined();
  });

  it('is not taken from an item that is something else', async () => {
    const { vault, key } = open();
    await vault.set(AUDIT_VAULT_KEY, { secret: new Secret('short'), origin: 'moltbot:audit' });
    await expect(key.readOrMake()).rejects.toMatchObject({ code: 'VAULT_DAMAGED' });
  });
});

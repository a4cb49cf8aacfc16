import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AgentStore } from '../../src/agents/agent-store.ts';
import type { Actor } from '../../src/audit/actor.ts';
import { AuditLog } from '../../src/audit/audit-log.ts';
import { MoltbotError } from '../../src/core/errors.ts';
import { Secret } from '../../src/core/secret.ts';
import { Database } from '../../src/database/database.ts';
import { Credentials, type NewCredential } from '../../src/profiles/credentials.ts';
import { HealthStore } from '../../src/profiles/health-store.ts';
import { ProfileStore } from '../../src/profiles/profile-store.ts';
import { MemoryVault } from '../../src/vault/memory.ts';
import type { VaultItem, VaultKey } from '../../src/vault/vault.ts';

const ACTOR = 'person:tester';

/** A vault that can be locked, and that can store and yet fail, as a keychain does that answers too late. */
class LockableVault extends MemoryVault {
  isLocked = false;
  failsAfterStoring = false;
  locksAfterStoring = false;

  override async get(key: VaultKey): Promise<VaultItem | undefined> {
    this.#check();
    return super.get(key);
  }

  override async set(key: VaultKey, item: VaultItem): Promise<void> {
    this.#check();
    await super.set(key, item);
    this.isLocked = this.locksAfterStoring;
    this.#check();
    if (this.failsAfterStoring) throw new MoltbotError('VAULT_UNAVAILABLE', 'The vault gave no answer.');
  }

  override async delete(key: VaultKey): Promise<boolean> {
    this.#check();
    return super.delete(key);
  }

  #check(): void {
    if (this.isLocked) throw new MoltbotError('VAULT_LOCKED', 'The vault is locked.');
  }
}

describe('credentials', () => {
  let directory: string;
  let database: Database;
  let vault: LockableVault;
  let credentials: Credentials;
  let profiles: ProfileStore;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'moltbot-credentials-'));
    database = Database.open(join(directory, 'state.db'));
    vault = new LockableVault();
    credentials = new Credentials({ database, vault, actor: ACTOR });
    profiles = new ProfileStore(database);
  });
  afterEach(() => {
    database.close();
    rmSync(directory, { recursive: true });
  });

  const story = () =>
    new AuditLog(database).after({ limit: 100 }).map(({ actor, action, subject }) => `${actor} ${action} ${subject}`);
  const secretOf = async (profileId = 'anthropic:default') => {
    const reading = await credentials.read('main', profileId);
    return reading.status === 'ok' ? reading.secret.reveal() : reading.status;
  };

  it('are saved as a record that shows nothing of the secret but its mask and fingerprint', async () => {
    const { profile, replaced } = await credentials.save(credential({}), 1_000);
    expect({ ...profile, replaced }).toEqual({
      agentId: 'main',
      profileId: 'anthropic:default',
      provider: 'anthropic',
      type: 'api_key',
      state: 'active',
      label: 'sk-ant-sim-…1111',
      fingerprint: expect.stringMatching(/^[0-9a-f]{8}$/),
      baseUrl: null,
      origin: 'https://api.anthropic.com',
      generation: 1,
      createdAtMs: 1_000,
      replacedAtMs: null,
      lastUsedAtMs: null,
      expiresAtMs: null,
      expiryAssumed: false,
      replaced: false,
    });
    expect(profiles.list()).toEqual([profile]);
    expect(await secretOf()).toBe(ONE);
    const everything = ['meta', 'profiles', 'agents'].flatMap((table) => database.all(`SELECT * FROM ${table}`));
    expect(JSON.stringify(everything)).not.toContain(ONE);
  });

  it('are replaced under the same id: new secret, next generation, health cleared, last use kept', async () => {
    const first = await credentials.save(credential({}), 1_000);
    profiles.touch([{ agentId: 'main', profileId: 'anthropic:default', atMs: 1_500 }]);
    database.run(
      `INSERT INTO health (agent_id, profile_id, model, kind, reason, outcome, http_status, error_type, request_id, caused_by,
         since_ms, until_ms, rung, failures_in_row, last_failure_ms, changed_by) VALUES ('main', 'anthropic:default', '', 'disabled', 'auth', 'auth', 401, NULL, NULL, NULL, 1, NULL, 0, 3, 1, 'gateway')`,
    );
    const second = await credentials.save(credential({ secret: new Secret(TWO), expiresAtMs: 9_000 }), 2_000);
    expect(second).toEqual({
      replaced: true,
      profile: {
        ...first.profile,
        label: 'sk-ant-sim-…2222',
        fingerprint: second.profile.fingerprint,
        generation: 2,
        replacedAtMs: 2_000,
        lastUsedAtMs: 1_500,
        expiresAtMs: 9_000,
      },
    });
    expect(second.profile.fingerprint).not.toBe(first.profile.fingerprint);
    expect([await secretOf(), new HealthStore(database).list()]).toEqual([TWO, []]);
  });

  it('have the same fingerprint for the same secret here, and another one in another database', async () => {
    const other = Database.open(join(directory, 'other.db'));
    const saved = await Promise.all([
      credentials.save(credential({}), 1),
      credentials.save(credential({ profileId: 'anthropic:again' }), 1),
      new Credentials({ database: other, vault: new MemoryVault(), actor: ACTOR }).save(credential({}), 1),
    ]);
    other.close();
    const [a, b, elsewhere] = saved.map(({ profile }) => profile.fingerprint);
    expect([a === b, a === elsewhere]).toEqual([true, false]);
  });

  it('make their agent exist, from the first stored one on', async () => {
    await credentials.save(credential({ agentId: 'reviewer' }), 5);
    expect(new AgentStore(database).list().find(({ id }) => id === 'reviewer')).toEqual({
      id: 'reviewer',
      createdAtMs: 5,
      expiresAtMs: null,
      policy: {},
      labels: {},
    });
  });

  it('leave nothing behind when the vault is locked: no profile, no agent', async () => {
    vault.isLocked = true;
    await expect(credentials.save(credential({ agentId: 'reviewer' }), 5)).rejects.toMatchObject({
      code: 'VAULT_LOCKED',
    });
    expect([profiles.list(), (await vault.keys()).length]).toEqual([[], 0]);
    vault.isLocked = false;
    expect(await credentials.repair()).toEqual([
      { agentId: 'reviewer', profileId: 'anthropic:default', did: 'new credential undone' },
    ]);
    expect(new AgentStore(database).has('reviewer')).toBe(false);
  });

  it('keep the earlier one whole when its replacement cannot be stored', async () => {
    const { profile } = await credentials.save(credential({}), 1);
    vault.isLocked = true;
    const moved = credential({ secret: new Secret(TWO), origin: 'http://127.0.0.1:9', baseUrl: 'http://127.0.0.1:9' });
    await expect(credentials.save(moved, 2)).rejects.toMatchObject({ code: 'VAULT_LOCKED' });
    vault.isLocked = false;
    expect([profiles.list(), await secretOf()]).toEqual([[profile], ONE]);
    expect((await credentials.repair()).map(({ did }) => did)).toEqual(['replacement undone']);
    expect([profiles.list(), await secretOf()]).toEqual([[profile], ONE]);
  });

  it('count as saved when the vault has stored them although its call failed', async () => {
    vault.failsAfterStoring = true;
    await credentials.save(credential({}), 1);
    await credentials.save(credential({ secret: new Secret(TWO) }), 2);
    expect([await secretOf(), profiles.list()[0]?.generation, credentials.unfinished()]).toEqual([TWO, 2, []]);
  });

  it('are read only for the origin they were stored for', async () => {
    await credentials.save(credential({}), 1);
    const read = (origin: string) => credentials.read('main', 'anthropic:default', origin);
    expect((await read('https://api.anthropic.com')).status).toBe('ok');
    expect(await read('https://proxy.example.com')).toEqual({
      status: 'origin_changed',
      storedFor: 'https://api.anthropic.com',
    });
  });

  it('are not read when somebody has changed the origin in the record', async () => {
    await credentials.save(credential({}), 1);
    database.run("UPDATE profiles SET base_url = 'https://evil.example.com', origin = 'https://evil.example.com'");
    expect(await credentials.read('main', 'anthropic:default', 'https://evil.example.com')).toEqual({
      status: 'origin_changed',
      storedFor: 'https://api.anthropic.com',
    });
  });

  it('are missing when the record or the secret is not there', async () => {
    await credentials.save(credential({}), 1);
    await vault.delete({ agentId: 'main', profileId: 'anthropic:default' });
    expect([await secretOf(), await secretOf('anthropic:other')]).toEqual(['missing', 'missing']);
  });

  it('are removed with secret and record, once', async () => {
    await credentials.save(credential({}), 1);
    expect(await credentials.remove('main', 'anthropic:default')).toBe(true);
    expect([profiles.list(), await vault.keys(), await credentials.remove('main', 'anthropic:default')]).toEqual([
      [],
      [],
      false,
    ]);
  });

  it('are out of use at once when removed from a locked vault, and gone when it opens', async () => {
    await credentials.save(credential({}), 1);
    vault.isLocked = true;
    await expect(credentials.remove('main', 'anthropic:default')).rejects.toMatchObject({ code: 'VAULT_LOCKED' });
    expect([profiles.list(), await secretOf()]).toEqual([[], 'missing']);
    expect(await credentials.repair()).toEqual([
      { agentId: 'main', profileId: 'anthropic:default', did: 'waiting', because: 'The vault is locked.' },
    ]);
    vault.isLocked = false;
    expect((await credentials.repair()).map(({ did }) => did)).toEqual(['removal finished']);
    expect([await vault.keys(), credentials.unfinished()]).toEqual([[], []]);
  });

  it('can be stored anew while the removal of the earlier one still waits', async () => {
    await credentials.save(credential({}), 1);
    vault.isLocked = true;
    await credentials.remove('main', 'anthropic:default').catch(() => {});
    vault.isLocked = false;
    expect((await credentials.save(credential({ secret: new Secret(TWO) }), 2)).replaced).toBe(false);
    expect([await secretOf(), await credentials.repair()]).toEqual([TWO, []]);
  });

  it('move to another id with their secret', async () => {
    await credentials.save(credential({}), 1);
    await credentials.rename('main', 'anthropic:default', 'anthropic:work');
    expect([await secretOf('anthropic:work'), await secretOf(), await vault.keys()]).toEqual([
      ONE,
      'missing',
      [{ agentId: 'main', profileId: 'anthropic:work' }],
    ]);
  });

  it('do not move onto another profile, nor from one that is not there', async () => {
    await credentials.save(credential({}), 1);
    await credentials.save(credential({ profileId: 'anthropic:work', secret: new Secret(TWO) }), 1);
    await expect(credentials.rename('main', 'anthropic:default', 'anthropic:work')).rejects.toMatchObject({
      code: 'ALREADY_EXISTS',
    });
    await expect(credentials.rename('main', 'anthropic:gone', 'anthropic:new')).rejects.toMatchObject({
      code: 'PROFILE_NOT_FOUND',
    });
    expect([await secretOf(), await secretOf('anthropic:work')]).toEqual([ONE, TWO]);
  });

  it('keep the one that was stored under the new id when a rename had failed before', async () => {
    await credentials.save(credential({}), 1);
    vault.failsAfterStoring = true;
    await expect(credentials.rename('main', 'anthropic:default', 'anthropic:work')).rejects.toMatchObject({
      code: 'VAULT_UNAVAILABLE',
    });
    vault.failsAfterStoring = false;
    await credentials.save(credential({ profileId: 'anthropic:work', secret: new Secret(TWO) }), 2);
    expect((await credentials.repair()).map(({ did }) => did)).toEqual(['rename undone']);
    expect([await secretOf(), await secretOf('anthropic:work')]).toEqual([ONE, TWO]);
  });

  it('end as one whole credential when several processes replace the same one', async () => {
    const second = Database.open(join(directory, 'state.db'));
    const writers = [credentials, new Credentials({ database: second, vault, actor: ACTOR })];
    const secrets = Array.from({ length: 6 }, (_, n) => `sk-ant-sim-${'y'.repeat(20)}${n}${n}${n}${n}`);
    await Promise.all(secrets.map((text, n) => writers[n % 2]!.save(credential({ secret: new Secret(text) }), n)));
    second.close();
    const [profile] = profiles.list();
    expect(profile?.generation).toBe(6);
    expect(profile?.label.slice(-4)).toBe((await secretOf()).slice(-4));
    expect(credentials.unfinished()).toEqual([]);
  });

  it('are written down with who changed them, each once, in the order of the changes', async () => {
    const by = (actor: Actor) => new Credentials({ database, vault, actor, now: () => 9 });
    await by('person:ann').save(credential({ agentId: 'reviewer' }), 1);
    await by('admin:key1').save(
      credential({ agentId: 'reviewer', secret: new Secret(`sk-ant-sim-${'b'.repeat(24)}0002`) }),
      2,
    );
    await by('person:ann').rename('reviewer', 'anthropic:default', 'anthropic:work');
    await by('person:bob').remove('reviewer', 'anthropic:work');
    expect(story()).toEqual([
      'person:ann agent.added reviewer',
      'person:ann credential.stored reviewer/anthropic:default',
      'admin:key1 credential.replaced reviewer/anthropic:default',
      'person:ann credential.renamed reviewer/anthropic:default',
      'person:bob credential.removed reviewer/anthropic:work',
    ]);
  });

  it('are written down as removed at once, also while the vault is locked, and only once', async () => {
    await credentials.save(credential({}), 1);
    vault.isLocked = true;
    await expect(credentials.remove('main', 'anthropic:default')).rejects.toThrow('The vault is locked.');
    expect(story().at(-1)).toBe('person:tester credential.removed main/anthropic:default');
    vault.isLocked = false;
    await new Credentials({ database, vault, actor: 'gateway' }).repair();
    expect(story().filter((row) => row.includes('removed'))).toHaveLength(1);
  });

  it('that were left half-way are finished in the name of who wanted them', async () => {
    await credentials.save(credential({}), 1);
    vault.locksAfterStoring = true;
    const interrupted = new Credentials({ database, vault, actor: 'admin:key1' });
    await expect(interrupted.save(credential({ secret: new Secret(TWO) }), 2)).rejects.toThrow('The vault is locked.');
    expect(story().at(-1)).toBe('person:tester credential.stored main/anthropic:default');
    vault.isLocked = false;
    await new Credentials({ database, vault, actor: 'gateway' }).repair();
    expect(story().at(-1)).toBe('admin:key1 credential.replaced main/anthropic:default');
  });
});

const ONE = `sk-ant-sim-${'x'.repeat(20)}1111`;
const TWO = `sk-ant-sim-${'x'.repeat(20)}2222`;

function credential(change: Partial<NewCredential>): NewCredential {
  return {
    agentId: 'main',
    profileId: 'anthropic:default',
    provider: 'anthropic',
    type: 'api_key',
    secret: new Secret(ONE),
    origin: 'https://api.anthropic.com',
    baseUrl: null,
    expiresAtMs: null,
    expiryAssumed: false,
    ...change,
  };
}

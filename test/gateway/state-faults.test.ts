import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { MoltbotError } from '../../src/core/errors.ts';
import { Secret } from '../../src/core/secret.ts';
import { MemoryVault } from '../../src/vault/memory.ts';
import type { Vault, VaultItem, VaultKey } from '../../src/vault/vault.ts';
import { SMALL, TestGateway } from '../fakes/test-gateway.ts';

/** Another process that holds the database's lock. */
function lock(gateway: TestGateway): { release: () => void } {
  const other = new DatabaseSync(join(gateway.home, 'state.sqlite'), { timeout: 5_000 });
  other.exec('BEGIN EXCLUSIVE');
  return {
    release: () => {
      other.exec('COMMIT');
      other.close();
    },
  };
}

const limited = { kind: 'error', error: 'rate_limit', resets: [{ style: 'retry-after', seconds: 120 }] } as never;

describe('while another process holds the database’s lock', () => {
  it('requests wait, because nothing is forwarded that is not written down, and are served once it is free', async () => {
    await using gateway = await TestGateway.start({
      profiles: ['first', 'second'],
      script: { rules: [{ credential: 'first', fail: limited }] },
    });
    const held = lock(gateway);
    const waiting = [1, 2, 3].map((id) => gateway.post({ headers: { 'x-session-id': `s-${id}` } }));
    await sleep(300);
    expect(gateway.served()).toEqual([]);
    held.release();
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([200, 200, 200]);
    await expect
      .poll(() => gateway.states(), { timeout: 5_000 })
      .toEqual(['anthropic:first rate_limit claude-haiku-4-5']);
  });

  it('a request that has waited for five seconds is refused, and was not forwarded', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    const held = lock(gateway);
    const refused = await gateway.post();
    expect([refused.status, refused.headers.get('x-moltbot-error')]).toEqual([503, 'DATABASE_BUSY']);
    expect(refused.headers.get('x-should-retry')).not.toBe('false');
    expect(gateway.served()).toEqual([]);
    held.release();
    expect((await gateway.post()).status).toBe(200);
  });

  it('a revoked token stays revoked, and an expired one is never let in', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    const revoked = gateway.issue();
    gateway.tokens.revoke(revoked.accessor, gateway.now());
    const expired = gateway.issue('main', 60_000);
    gateway.move(60_000);
    const held = lock(gateway);
    expect((await gateway.post({ token: revoked.token })).status).toBe(401);
    const refusal = await gateway.post({ token: expired.token });
    expect([401, 503]).toContain(refusal.status);
    held.release();
    expect((await gateway.post({ token: expired.token })).headers.get('x-moltbot-error')).toBe('TOKEN_EXPIRED');
    expect(gateway.served()).toEqual([]);
  });

  it('the sessions of that time are not lost', async () => {
    const before = await TestGateway.start({ profiles: ['first', 'second'] });
    for (const id of ['a', 'b']) await before.post({ headers: { 'x-session-id': id } });
    const held = lock(before);
    await sleep(1_200);
    held.release();
    const { home, simulator, vault } = before;
    await before.stop();
    await using gateway = await TestGateway.start({ home, simulator, vault });
    await gateway.post({ headers: { 'x-session-id': 'b' } });
    expect(gateway.served()).toEqual(['first 200', 'second 200', 'second 200']);
  });

  it('the gateway stays quick: health is answered, and streams go on up to their end', async () => {
    await using gateway = await TestGateway.start({
      profiles: ['first'],
      script: { pacing: { perEventMs: 20 } },
    });
    const stream = await gateway.post({ body: { ...SMALL, max_tokens: 60, stream: true } });
    const held = lock(gateway);
    const startedAtMs = performance.now();
    for (let turn = 0; turn < 20; turn++) expect((await gateway.send('/healthz', { method: 'GET' })).status).toBe(200);
    expect((await gateway.send('/readyz', { method: 'GET' })).status).toBe(200);
    expect(performance.now() - startedAtMs).toBeLessThan(3_000);
    const text = stream.text();
    held.release();
    expect(await text).toContain('message_stop');
  });
});

describe('when the state database cannot be read', () => {
  it('nothing is forwarded, and requests are served again once it can', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    const other = new DatabaseSync(join(gateway.home, 'state.sqlite'));
    other.exec('ALTER TABLE access_tokens RENAME TO lost');
    const response = await gateway.post();
    expect(response.status).toBeGreaterThanOrEqual(500);
    expect(gateway.served()).toEqual([]);
    other.exec('ALTER TABLE lost RENAME TO access_tokens');
    other.close();
    expect((await gateway.post()).status).toBe(200);
  });
});

describe('when a state cannot be written down', () => {
  it('nothing more is forwarded until it can, and then it is there', async () => {
    await using gateway = await TestGateway.start({
      profiles: ['first', 'second'],
      script: { rules: [{ credential: 'first', fail: limited }] },
    });
    const other = new DatabaseSync(join(gateway.home, 'state.sqlite'));
    other.exec("CREATE TRIGGER full BEFORE INSERT ON health BEGIN SELECT RAISE(FAIL, 'no'); END");
    await gateway.post({ headers: { 'x-session-id': 'a' } });
    const forwarded = gateway.served().length;
    const response = await gateway.post({ headers: { 'x-session-id': 'b' } });
    expect(response.status).toBeGreaterThanOrEqual(500);
    expect(gateway.served()).toHaveLength(forwarded);
    expect((await gateway.send('/readyz', { method: 'GET' })).status).toBeGreaterThanOrEqual(500);
    expect((await gateway.send('/healthz', { method: 'GET' })).status).toBe(200);
    other.exec('DROP TRIGGER full');
    other.close();
    expect((await gateway.post({ headers: { 'x-session-id': 'c' } })).status).toBe(200);
    expect(gateway.states()).toEqual(['anthropic:first rate_limit claude-haiku-4-5']);
  });
});

/** A vault that can be locked. */
class LockableVault extends MemoryVault implements Vault {
  isLocked = true;

  override async get(key: VaultKey): Promise<VaultItem | undefined> {
    if (this.isLocked) {
      throw new MoltbotError('VAULT_LOCKED', 'The keychain is locked.', {
        hint: 'Unlock it: gnome-keyring-daemon --unlock',
      });
    }
    return super.get(key);
  }
}

describe('while the vault is locked', () => {
  it('the gateway listens, says what unlocks the vault, and serves after it without a restart', async () => {
    const vault = new LockableVault();
    await using gateway = await TestGateway.start({ profiles: ['first', 'second'], vault });
    expect((await gateway.send('/healthz', { method: 'GET' })).status).toBe(200);
    const response = await gateway.post();
    expect([response.status, response.headers.get('x-moltbot-error')]).toEqual([503, 'VAULT_LOCKED']);
    expect(await response.text()).toContain('The keychain is locked. Unlock it: gnome-keyring-daemon --unlock');
    expect([gateway.served(), gateway.states()]).toEqual([[], []]);
    vault.isLocked = false;
    expect((await gateway.post()).status).toBe(200);
  });

  it('a profile whose secret was read before serves in place of one whose secret was not', async () => {
    const vault = new LockableVault();
    vault.isLocked = false;
    await using gateway = await TestGateway.start({ profiles: ['first', 'second'], vault });
    expect((await gateway.post({ headers: { 'x-session-id': 'a' } })).status).toBe(200);
    const { origin, ...profile } = gateway.profiles.get('main', 'anthropic:second')!;
    const secret = new Secret(gateway.simulator.issueKey('anthropic', 'second'));
    await gateway.credentials.save({ ...profile, origin, secret }, gateway.now());
    vault.isLocked = true;
    expect((await gateway.post({ headers: { 'x-session-id': 'b' } })).status).toBe(200);
    expect(gateway.served()).toEqual(['first 200', 'first 200']);
  });

  it('a gateway that has read its secrets goes on', async () => {
    const vault = new LockableVault();
    vault.isLocked = false;
    await using gateway = await TestGateway.start({ profiles: ['first'], vault });
    expect((await gateway.post()).status).toBe(200);
    vault.isLocked = true;
    expect((await gateway.post()).status).toBe(200);
  });
});

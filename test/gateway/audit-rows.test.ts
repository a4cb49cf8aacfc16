import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { AuditKey } from '../../src/audit/audit-key.ts';
import { AuditLog } from '../../src/audit/audit-log.ts';
import { verifyChain } from '../../src/audit/verify.ts';
import { MoltbotError } from '../../src/core/errors.ts';
import { VERSION } from '../../src/core/version.ts';
import { verifyLedger } from '../../src/ledger/verify-ledger.ts';
import { MemoryVault } from '../../src/vault/memory.ts';
import type { VaultKey } from '../../src/vault/vault.ts';
import { TestGateway } from '../fakes/test-gateway.ts';

const rows = (gateway: TestGateway, action?: string) =>
  new AuditLog(gateway.database)
    .after({ limit: 10_000 })
    .filter((row) => action === undefined || row.action === action)
    .map(({ action, actor, subject, detail }) => ({ action, actor, subject, detail }));

const keyOf = ({ vault, home }: TestGateway) =>
  new AuditKey({ vault: () => vault, lockPath: `${home}/lock`, wasUsed: () => true }).readOrMake();

describe('a gateway writes into the audit', () => {
  it('when it starts and stops, and then all is sealed and its requests are vouched for', async () => {
    const before = await TestGateway.start({ profiles: ['first'] });
    for (let n = 0; n < 3; n++) await (await before.post()).text();
    const { home, simulator, vault, url } = before;
    await expect.poll(() => verifyChain(before.database, undefined).unsealed).toBe(0);
    await before.stop();
    await using gateway = await TestGateway.start({ home, simulator, vault });
    const detail = { version: VERSION, pid: process.pid };
    const own = rows(gateway).filter(({ action }) => !action.startsWith('credential') && action !== 'agent.added');
    expect(own).toEqual([
      { action: 'gateway.started', actor: 'gateway', subject: url, detail },
      { action: 'gateway.stopped', actor: 'gateway', subject: url, detail },
      {
        action: 'ledger.anchored',
        actor: 'gateway',
        subject: '1-3',
        detail: expect.objectContaining({ from: 1, to: 3 }),
      },
      { action: 'gateway.started', actor: 'gateway', subject: gateway.url, detail },
    ]);
    const key = await keyOf(gateway);
    await expect.poll(() => verifyChain(gateway.database, key)).toMatchObject({ unsealed: 0, fault: undefined });
    expect(verifyLedger(gateway.database)).toEqual({ completed: 3, pruned: 0, anchored: 3, fault: undefined });
  });

  it('what it took over of a changed config, by its keys', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    gateway.writeConfig({ auth: { maxWaitMs: 5 } });
    await expect
      .poll(() => rows(gateway, 'config.changed').map(({ detail }) => detail), { timeout: 5_000 })
      .toEqual([{ keys: ['auth.maxWaitMs'] }]);
  });

  it('every refusal with its code, agent and route; an unknown token too, and never the token', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    const { token } = gateway.issue('reviewer');
    const wrong = `mbt_${'x'.repeat(49)}`;
    await gateway.post({ token: wrong });
    await gateway.post({ token, path: 'anthropic/v1/nothing' });
    await gateway.post({ token, path: 'anthropic/v1/messages', body: '{"model":"a","model":"b"}' });
    await gateway.post({ token });
    await expect.poll(() => rows(gateway, 'request.refused').length).toBe(4);
    const refused = rows(gateway, 'request.refused');
    expect(refused.map(({ subject, detail }) => [subject, detail.code, detail.provider, detail.route])).toEqual([
      ['unknown', 'TOKEN_REJECTED', 'anthropic', 'messages'],
      ['unknown', 'ROUTE_NOT_FOUND', 'anthropic', undefined],
      ['reviewer', 'DUPLICATE_FIELDS', 'anthropic', 'messages'],
      ['reviewer', 'NO_CREDENTIALS', 'anthropic', 'messages'],
    ]);
    expect(JSON.stringify(refused)).not.toContain('xxxx');
  });

  it('above a rate only how many there were of each kind', async () => {
    await using gateway = await TestGateway.start();
    const flood = Array.from({ length: 120 }, () => gateway.post({ token: 'junk' }));
    await Promise.all(flood);
    await sleep(50);
    expect(rows(gateway, 'request.refused').length).toBe(20);
    gateway.move(11_000);
    const counted = () => rows(gateway, 'request.refused').slice(20);
    await expect.poll(() => counted().length, { timeout: 5_000 }).toBeGreaterThan(0);
    const total = counted().reduce((sum, { detail }) => sum + Number(detail.count ?? 1), 0);
    expect([total, counted().length <= 2]).toEqual([100, true]);
  });
});

/** A vault that a person unlocks later. */
class LockableVault extends MemoryVault {
  isLocked = true;

  override async get(key: VaultKey) {
    if (this.isLocked) throw new MoltbotError('VAULT_LOCKED', 'The keychain is locked.');
    return super.get(key);
  }
}

describe('while the vault is locked', () => {
  it('rows wait for their seal, and are sealed in order once it is open', async () => {
    const vault = new LockableVault();
    await using gateway = await TestGateway.start({ vault });
    await gateway.post({ token: 'junk' });
    await sleep(600);
    expect(verifyChain(gateway.database, undefined)).toMatchObject({ sealed: 0, fault: undefined });
    vault.isLocked = false;
    await expect.poll(() => verifyChain(gateway.database, undefined).unsealed, { timeout: 10_000 }).toBe(0);
    expect(verifyChain(gateway.database, await keyOf(gateway)).fault).toBeUndefined();
  });
});

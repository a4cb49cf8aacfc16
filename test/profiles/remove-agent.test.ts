import { describe, expect, it } from 'vitest';
import { rotateAgentKey } from '../../src/agents/change-agent-keys.ts';
import { PauseStore } from '../../src/agents/pause-store.ts';
import { AuditLog } from '../../src/audit/audit-log.ts';
import { MoltbotError } from '../../src/core/errors.ts';
import { removeAgent } from '../../src/profiles/remove-agent.ts';
import { MemoryVault } from '../../src/vault/memory.ts';
import { TestGateway } from '../fakes/test-gateway.ts';

/** A vault that can be locked against deletions. */
class LockableVault extends MemoryVault {
  isLocked = false;
  override async delete(key: Parameters<MemoryVault['delete']>[0]): Promise<boolean> {
    if (this.isLocked) throw new MoltbotError('VAULT_LOCKED', 'The vault is locked.');
    return super.delete(key);
  }
}

async function worker() {
  const vault = new LockableVault();
  const gateway = await TestGateway.start({ vault, profiles: [{ name: 'first', agentId: 'worker' }] });
  gateway.issue('worker');
  const { database, agents, tokens, profiles, credentials } = gateway;
  const books = { database, agents, tokens, profiles, pauses: new PauseStore(database), audit: new AuditLog(database) };
  const remove = (agentId = 'worker') =>
    removeAgent(books, () => credentials, agentId, { actor: 'person:ada', nowMs: gateway.now() });
  const stored = () => vault.get({ agentId: 'worker', profileId: 'anthropic:first' });
  return { gateway, vault, remove, stored, books };
}

describe('removing an agent', () => {
  it('takes tokens, profiles and secrets with it, and is written down', async () => {
    const { gateway, remove, stored, books } = await worker();
    await using _ = gateway;
    const before = books.audit.lastSeq();
    expect(await remove()).toEqual({ profiles: ['anthropic:first'], tokens: 1 });
    expect([books.agents.has('worker'), await stored(), books.tokens.live(0)]).toMatchObject([
      false,
      undefined,
      [{ agentId: 'main' }],
    ]);
    expect(books.audit.after({ afterSeq: before, limit: 9 }).map(({ action, subject }) => [action, subject])).toEqual([
      ['token.revoked', 'worker'],
      ['credential.removed', 'worker/anthropic:first'],
      ['agent.removed', 'worker'],
    ]);
  });

  it('that a locked vault stopped can be run again, and leaves no secret behind', async () => {
    const { gateway, vault, remove, stored, books } = await worker();
    await using _ = gateway;
    const by = { actor: 'person:ada', nowMs: gateway.now() } as const;
    const { key } = rotateAgentKey(books, 'worker', { kind: 'key', graceMs: 0 }, by);
    const buy = () => gateway.send('/v1/tokens', { token: key.reveal() }).then(({ status }) => status);
    expect(await buy()).toBe(200);
    vault.isLocked = true;
    await expect(remove()).rejects.toMatchObject({ code: 'VAULT_LOCKED' });
    expect([books.agents.has('worker'), (await stored()) !== undefined]).toEqual([true, true]);
    expect([await buy(), books.tokens.live(gateway.now(), { agentId: 'worker' })]).toEqual([401, []]);
    vault.isLocked = false;
    expect(await remove()).toEqual({ profiles: ['anthropic:first'], tokens: 0 });
    expect([books.agents.has('worker'), await stored()]).toEqual([false, undefined]);
  });

  it.each([
    ['main', 'USAGE'],
    ['nobody', 'AGENT_NOT_FOUND'],
  ])('is refused for %s with %s', async (agentId, code) => {
    const { gateway, remove } = await worker();
    await using _ = gateway;
    await expect(remove(agentId)).rejects.toMatchObject({ code });
  });
});

import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { sealAll } from '../../src/audit/seal.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { storyItemSchema } from '../../src/management/routes/shapes/story-shape.ts';
import { damageVault } from '../fakes/damage-vault.ts';
import { TestManagement } from '../fakes/test-management.ts';
import { admission, BOOKING } from '../ledger/samples.ts';

interface Page {
  readonly items: readonly { readonly kind: string; readonly at: number; readonly subject: string }[];
  readonly nextCursor: string | null;
}

async function pages(world: TestManagement, path: string): Promise<Page['items']> {
  const items: Page['items'][number][] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: Page = (await world.socket.get(`${path}${cursor && `&cursor=${cursor}`}`)).body as Page;
    items.push(...page.items);
    cursor = page.nextCursor;
  }
  return items;
}

describe('the audit over the API', () => {
  it('is one story of decisions and requests, newest first, in pages that leave nothing out', async () => {
    await using world = await TestManagement.start();
    const { audit, ledger } = world.app.stores();
    for (let at = 0; at < 5; at++) await world.socket.post('/agents', { id: `agent-${at}` });
    const admittedAtMs = world.app.now();
    for (let attempt = 1; attempt <= 3; attempt++) {
      ledger.insert({
        requestId: 'mbr_1',
        attempt,
        admittedAtMs,
        agentId: 'agent-1',
        accessor: 'acc_1',
        session: 'kept to ourselves',
        profileAgentId: 'main',
        profileId: 'anthropic:work',
        provider: 'anthropic',
        route: 'messages',
        modelAsked: 'claude-haiku-4-5',
        modelServed: null,
        isStream: true,
        labels: '{"team":"core"}',
        isSubscription: false,
        tokenLabel: null,
        reservedNanoUsd: null,
        reservedTokens: null,
        boundNanoUsd: null,
        boundTokens: null,
      });
    }
    const whole = await pages(world, '/audit?limit=500');
    expect(whole).toHaveLength(audit.before({ limit: 500 }).length + 3);
    expect(await pages(world, '/audit?limit=2')).toEqual(whole);
    expect(whole.map(({ at }) => at)).toEqual(whole.map(({ at }) => at).toSorted((a, b) => b - a));
    expect(JSON.stringify(whole)).not.toContain('kept to ourselves');
    const ofOne = await pages(world, '/audit?agent=agent-1&limit=100');
    expect(ofOne.map(({ kind, subject }) => subject ?? kind)).toEqual(['request', 'request', 'request', 'agent-1']);
  });

  it('says of a request what it used and what it cost, in the documented shape', async () => {
    await using world = await TestManagement.start();
    const { database, ledger: store } = world.app.stores();
    const ledger = new Ledger(database, store);
    const admitted = ledger.admit({ ...admission(1), isSubscription: true });
    ledger.flush();
    const entry = Object.assign(await admitted, { isSimulated: true, booking: BOOKING });
    ledger.close(entry, { outcome: 'ok', endedAtMs: 5_000 });
    ledger.flush();
    const [item] = (await pages(world, '/audit?limit=100')).filter(({ kind }) => kind === 'request');
    expect(item).toMatchObject({ kind: 'request', subscription: true, simulated: true, booking: BOOKING });
    expect(v.safeParse(storyItemSchema, item).issues).toBeUndefined();
  });

  it('is verified: whole, and with the row named where a byte was changed', async () => {
    await using world = await TestManagement.start();
    await world.socket.post('/agents', { id: 'worker' });
    const { database } = world.app.stores();
    await sealAll(database, await world.app.auditKey().readOrMake());
    const whole = await world.socket.get('/audit/verify');
    expect(whole.body).toMatchObject({ ok: true, unsealed: 0, head: expect.stringMatching(/^\d+:[0-9a-f]{64}$/) });
    const { head } = whole.body as { head: string };
    expect((await world.socket.get(`/audit/verify?head=${head}`)).body).toMatchObject({ ok: true });
    expect((await world.socket.get(`/audit/verify?head=${head.replace(/^\d+/, '99')}`)).body).toEqual({
      ok: false,
      fault: expect.stringContaining('99'),
    });
    database.exec("DROP TRIGGER audit_keeps_content; UPDATE audit SET subject = 'other' WHERE seq = 1");
    expect((await world.socket.get('/audit/verify')).body).toEqual({ ok: false, fault: expect.stringContaining('1') });
  });

  it('cannot be verified while its key cannot be had', async () => {
    await using world = await TestManagement.start();
    await sealAll(world.app.stores().database, await world.app.auditKey().readOrMake());
    damageVault(world);
    expect((await world.socket.get('/audit/verify')).status).toBe(503);
  });

  it.each([
    ['/audit?cursor=MQ', 422],
    ['/audit?agent=../x', 422],
    ['/audit?action=agent.added', 422],
    ['/audit/verify?head=1', 400],
  ])('refuses %s with %i', async (path, status) => {
    await using world = await TestManagement.start();
    expect((await world.socket.get(path)).status).toBe(status);
  });
});

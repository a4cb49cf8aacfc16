import { describe, expect, it } from 'vitest';
import { LedgerStore } from '../../../src/ledger/ledger-store.ts';
import { SMALL, TestGateway } from '../../fakes/test-gateway.ts';

describe('what is held for a request', () => {
  const held = async (params: object, fields: object) => {
    await using gateway = await TestGateway.start({
      profiles: ['first'],
      config: {
        budgets: { main: { tokens: 1_000_000, per: 'day', enforcement: 'hard' } },
        agents: { defaults: { models: { 'anthropic/claude-haiku-4-5': { params } } } },
      },
    });
    const body = { ...SMALL, max_tokens: 60_000, ...fields };
    expect((await gateway.post({ body })).status).toBe(200);
    const sent = JSON.parse(gateway.simulator.requests[0]!.body.toString()) as { max_tokens: number };
    const [row] = new LedgerStore(gateway.database).after({ limit: 1 });
    const prompt = JSON.stringify(body).length + 2_000;
    return { sent: sent.max_tokens, output: row!.boundTokens! - prompt, bound: row!.boundTokens };
  };

  it("is the client's bound", async () => {
    expect(await held({}, {})).toMatchObject({ sent: 60_000, output: 60_000 });
  });

  it('is what settings lower it to', async () => {
    expect(await held({ maxOutputTokens: 100 }, {})).toMatchObject({ sent: 100, output: 100 });
  });

  it('is what goes upstream where thinking keeps it higher', async () => {
    const thinking = { type: 'enabled', budget_tokens: 30_000 };
    expect(await held({ maxOutputTokens: 100 }, { thinking })).toMatchObject({ sent: 30_001, output: 30_001 });
  });

  it('is a longer prompt where a setting asks for a longer context', async () => {
    const params = { headers: { 'Anthropic-Beta': 'context-1m-2025-08-07' } };
    const messages = [{ role: 'user', content: 'x'.repeat(250_000) }];
    expect(await held(params, { messages })).toMatchObject({ sent: 60_000, output: 60_000 });
    expect(await held({}, { messages })).toMatchObject({ bound: 200_000 + 60_000 });
  });
});

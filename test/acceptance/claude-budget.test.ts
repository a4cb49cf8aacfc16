import { describe, expect, it } from 'vitest';
import { LedgerStore } from '../../src/ledger/ledger-store.ts';
import { tokenOf } from '../fakes/gateway-agents.ts';
import { TestGateway } from '../fakes/test-gateway.ts';
import { claudeAlone } from './claude.ts';

const USD = 1_000_000_000;
const OPUS = { ANTHROPIC_MODEL: 'claude-opus-4-5' };
const proxy = ({ url }: TestGateway) => `${url}/v1/proxy/anthropic`;
const rows = (gateway: TestGateway) => new LedgerStore(gateway.database).after({ limit: 1_000 });
const refusals = ({ logLines }: TestGateway) =>
  logLines.map((line) => JSON.parse(line) as { code?: string }).flatMap(({ code }) => code ?? []);

describe('Claude Code under a budget', () => {
  it('stops after one attempt when a hard one is too small, and shows our text', async () => {
    await using gateway = await TestGateway.start({
      profiles: ['first'],
      config: { budgets: { main: { usd: 0.5, per: 'day', enforcement: 'hard' } } },
    });
    const result = await claudeAlone(proxy(gateway), gateway.token, OPUS);
    expect(result).toMatchObject({ code: 1, isError: true, status: 402 });
    expect(result.text).toContain('the hard budget "main" has less left: $0.50 of $0.50.');
    expect(result.tookMs).toBeLessThan(15_000);
    expect(refusals(gateway)).toEqual(['BUDGET_TOO_SMALL']);
    expect(gateway.simulator.requests.filter(({ route }) => route === 'messages')).toEqual([]);
  });

  it('can use all of five dollars a day on Opus, and is stopped where they are spent', async () => {
    // It works on with a tool, at 29 cents a request, until somebody stops it.
    const toolUse = { name: 'Read', input: { file_path: '/etc/hostname' } };
    await using gateway = await TestGateway.start({
      profiles: ['first'],
      config: { budgets: { main: { usd: 5, per: 'day' } } },
      script: {
        answer: { toolUse, stopReason: 'tool_use', usage: { input_tokens: 8_000, output_tokens: 10_000 } },
      },
    });
    const result = await claudeAlone(proxy(gateway), gateway.token, OPUS);
    expect(result).toMatchObject({ code: 1, isError: true, status: 402 });
    expect(result.text).toMatch(/Budget "main" is used up: \$5\.\d+ of \$5\.00 spent\. It resets at/);
    expect(refusals(gateway)).toEqual(['BUDGET_USED_UP']);
    const served = rows(gateway);
    const costs = served.map(({ booking }) => booking?.costNanoUsd ?? 0);
    const spent = costs.reduce((sum, cost) => sum + cost, 0);
    expect(spent).toBeGreaterThanOrEqual(5 * USD);
    // One request ran when the last cent was reached: it may cost what it was bound to.
    expect(spent - 5 * USD).toBeLessThan(served.at(-1)!.boundNanoUsd!);
    expect(spent - costs.at(-1)!).toBeLessThan(5 * USD);
  });

  it('can use all of the two dollars of its token, and is told that a new token is needed', async () => {
    const toolUse = { name: 'Read', input: { file_path: '/etc/hostname' } };
    await using gateway = await TestGateway.start({
      profiles: ['first'],
      script: {
        answer: { toolUse, stopReason: 'tool_use', usage: { input_tokens: 8_000, output_tokens: 10_000 } },
      },
    });
    const token = tokenOf(gateway, 'main', {}, { policy: { budget: { usd: 2, enforcement: 'soft' } } });
    const result = await claudeAlone(proxy(gateway), token, OPUS);
    expect(result).toMatchObject({ code: 1, isError: true, status: 402 });
    expect(result.text).toMatch(
      /The budget of this access token is used up: \$2\.\d+ of \$2\.00 spent\. A new token is needed for more\./,
    );
    expect(refusals(gateway)).toEqual(['BUDGET_USED_UP']);
    const costs = rows(gateway).map(({ booking }) => booking?.costNanoUsd ?? 0);
    const spent = costs.reduce((sum, cost) => sum + cost, 0);
    expect(spent).toBeGreaterThanOrEqual(2 * USD);
    expect(spent - costs.at(-1)!).toBeLessThan(2 * USD);
  });
});

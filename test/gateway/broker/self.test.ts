import { describe, expect, it } from 'vitest';
import { pauseAgent } from '../../../src/agents/change-agents.ts';
import type { Self } from '../../../src/gateway/broker/self.ts';
import { booksOf, tester, tokenOf } from '../../fakes/gateway-agents.ts';
import { TestGateway } from '../../fakes/test-gateway.ts';

const NOW_MS = 1_800_000_000_000;

async function self(gateway: TestGateway, token: string) {
  const response = await fetch(`${gateway.url}/v1/self`, { headers: { authorization: `Bearer ${token}` } });
  return { status: response.status, value: (await response.json()) as Self & { error: { code: string } } };
}

const closed = (value: Self) => value.gates.filter(({ open }) => !open).map(({ name, why }) => `${name}: ${why}`);

describe.concurrent('what a token is told about itself', () => {
  it('is what it and its agent may do together, and what is left', async () => {
    await using gateway = await TestGateway.start({
      profiles: [{ name: 'first', agentId: 'narrow' }],
      config: { agents: { defaults: { model: { primary: 'anthropic/claude-haiku-4-5' } } } },
      standsAtMs: NOW_MS,
    });
    const models = ['anthropic/*', 'openai/gpt-5'];
    const policy = { providers: ['anthropic', 'openai'], models, requestsPerMinute: 5, concurrency: 2 };
    gateway.agents.change('narrow', { policy, expiresAtMs: NOW_MS + 300_000 });
    const limits = { models: ['anthropic/claude-haiku-4.5'], routes: ['generate' as const], requestsPerMinute: 9 };
    const token = tokenOf(gateway, 'narrow', {}, { providers: ['anthropic'], uses: 3, policy: limits });
    expect((await gateway.post({ token })).status).toBe(200);
    const { status, value } = await self(gateway, token);
    expect([status, value]).toEqual([
      200,
      {
        agentId: 'narrow',
        accessor: gateway.tokens.live(NOW_MS).find(({ agentId }) => agentId === 'narrow')!.accessor,
        providers: ['anthropic'],
        models: ['anthropic/claude-haiku-4-5'],
        routes: ['generate'],
        expiresAt: NOW_MS + 300_000,
        usesLeft: 2,
        budget: null,
        limits: { requestsPerMinute: 5, concurrency: 2 },
        paused: false,
        gates: [
          { name: 'gateway', open: true, why: 'It runs.' },
          { name: 'agent', open: true, why: 'Agent "narrow" is active until 2027-01-15 08:05:00 UTC.' },
          { name: 'provider:anthropic', open: true, why: 'anthropic is allowed.' },
          { name: 'route', open: true, why: 'Answers may be asked for.' },
          { name: 'model', open: true, why: 'anthropic/claude-haiku-4-5 is allowed.' },
          { name: 'credential:anthropic', open: true, why: 'A credential can be used.' },
          { name: 'limit', open: true, why: 'There is room for a request.' },
        ],
      },
    ]);
    expect(gateway.tokens.live(NOW_MS).map(({ usesLeft }) => usesLeft)).toContain(2);
  });

  it('names each closed gate, also while the agent is paused', async () => {
    await using gateway = await TestGateway.start({
      profiles: ['first'],
      script: { rules: [{ fail: { kind: 'error', error: 'credit_too_low' } }] },
    });
    const token = tokenOf(gateway, 'main', {}, { policy: { requestsPerMinute: 1 } });
    expect((await gateway.post({ token })).status).toBe(402);
    pauseAgent(booksOf(gateway), 'main', 'a break', tester(gateway));
    const { value } = await self(gateway, token);
    expect([value.paused, value.models, value.usesLeft, closed(value)]).toEqual([
      true,
      null,
      null,
      [
        'agent: Agent "main" is paused by a person: a break.',
        expect.stringMatching(
          /^credential:anthropic: No profile of anthropic is left: its spend limit is reached or its credit is used up\. The provider last answered 400 invalid_request_error, at .* UTC\.$/,
        ),
        'limit: This access token is at its limit of 1 a minute.',
      ],
    ]);
  });

  it('says when its uses are gone', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'] });
    const token = tokenOf(gateway, 'main', {}, { uses: 1 });
    await gateway.post({ token });
    const { value } = await self(gateway, token);
    expect([value.usesLeft, closed(value)]).toEqual([0, ['limit: The token has no uses left.']]);
  });

  it('is nothing for a token that is none', async () => {
    await using gateway = await TestGateway.start();
    const { status, value } = await self(gateway, 'mbt_nonsense');
    expect([status, value.error.code]).toEqual([401, 'invalid_api_key']);
    expect((await gateway.send('/v1/self', { method: 'POST' })).status).toBe(405);
  });
});

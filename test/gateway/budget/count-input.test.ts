import { describe, expect, it } from 'vitest';
import { countInput } from '../../../src/gateway/budget/count-input.ts';
import { HeldCredentials } from '../../../src/gateway/choose/held-credentials.ts';
import { rosterOf } from '../../../src/gateway/choose/roster.ts';
import type { Exchange } from '../../../src/gateway/exchange.ts';
import { Cancel } from '../../../src/gateway/forward/forward.ts';
import { headerOf } from '../../../src/gateway/headers/raw-headers.ts';
import { readFacts } from '../../../src/gateway/shape/request-facts.ts';
import { GrantStore } from '../../../src/profiles/grant-store.ts';
import { servingRecords } from '../../../src/profiles/serving-records.ts';
import { providersOf } from '../../../src/providers/registry.ts';
import type { ScriptInput } from '../../../src/simulator/script-schema.ts';
import { SMALL, TestGateway } from '../../fakes/test-gateway.ts';

const HEADERS = [
  'anthropic-version',
  '2023-06-01',
  'anthropic-beta',
  'client-beta',
  'content-type',
  'application/json',
];

/** Asks as the gateway would, for a request to `messages` (or another route) with that body. */
async function count(gateway: TestGateway, text: string, cancel = new Cancel(), path = 'messages') {
  const { config } = gateway.dependencies.app.config();
  const provider = providersOf(config).get('anthropic')!;
  const grants = new GrantStore(gateway.database);
  const recordsOf = (agentId: string) => servingRecords(gateway.profiles, grants, agentId);
  const sources = { config, providers: new Map(), environmentKeys: new Map(), revision: 1, recordsOf };
  const profile = rosterOf(sources, 'main', provider).profiles[0]!;
  const held = new HeldCredentials({
    read: (...asked) => gateway.credentials.read(...asked),
    environmentKeyOf: () => undefined,
  });
  const body = Buffer.from(text);
  const request = {
    exchange: { cancel } as Exchange,
    provider,
    route: provider.routes.find((route) => route.path === path)!,
    resourceId: undefined,
    method: 'POST',
    path,
    query: '?beta=true',
    rawHeaders: HEADERS,
    token: gateway.tokens.live(gateway.now())[0]!,
    agentId: 'main',
    isClaudeCode: false,
    session: 's',
    body,
    upload: undefined,
    facts: readFacts(body),
    otherModels: [],
  };
  const settings = { wireModel: 'claude-haiku-4-5', params: { maxTokens: 5, maxOutputTokens: 5, temperature: 1 } };
  const pool = gateway.dependencies.app.upstream().pool(profile.destination);
  return countInput(request, settings, profile, (await held.get(profile))!, pool);
}

const start = (script?: ScriptInput) => TestGateway.start({ profiles: ['first'], ...(script && { script }) });
const small = JSON.stringify(SMALL);

describe('the count of a prompt', () => {
  it("is the provider's, of the client's own bytes of what counts, with the profile's credential", async () => {
    await using gateway = await start();
    const text = `{ "max_tokens": 9, "model":"fast",  "stream":true, "messages" : [ {"role":"user","content":"H\\u0069"} ],
      "system":"s", "tools":[ ], "tool_choice":{"type":"auto"}, "thinking":{"type":"disabled"}, "metadata":{},
      "service_tier":"auto", "output_config":{"effort":"low"}, "context_management": {"edits":[]} }`;
    const counted = '{"model":"claude-haiku-4-5","messages":[ {"role":"user","content":"H\\u0069"} ],"system":"s"';
    const settings = '"tools":[ ],"tool_choice":{"type":"auto"},"thinking":{"type":"disabled"}';
    const sent = `${counted},${settings},"output_config":{"effort":"low"},"context_management":{"edits":[]}}`;
    expect(await count(gateway, text)).toBe(Math.ceil(sent.length / 4));
    const [asked] = gateway.simulator.requests;
    expect(asked!.body.toString()).toBe(sent);
    expect(asked).toMatchObject({ route: 'messages/count_tokens', status: 200, credentials: [{ name: 'first' }] });
    expect(headerOf(asked!.rawHeaders, 'anthropic-beta')).toContain('client-beta');
    expect(gateway.served()).toEqual(['first 200']);
  });

  it.each<[string, ScriptInput]>([
    ['refuses', { rules: [{ fail: { kind: 'error', error: 'rate_limit' } }] }],
    ['breaks off', { rules: [{ fail: { kind: 'reset' } }] }],
    ['sends something else', { rules: [{ fail: { kind: 'garbage' } }] }],
  ])('is not known when the provider %s', async (_, script) => {
    await using gateway = await start(script);
    expect(await count(gateway, small)).toBeUndefined();
    expect(gateway.simulator.requests.length).toBe(1);
  });

  it('is not waited for longer than 5 seconds', async () => {
    await using gateway = await start({ rules: [{ fail: { kind: 'silence' } }] });
    const startedMs = performance.now();
    expect(await count(gateway, small)).toBeUndefined();
    expect(Math.round((performance.now() - startedMs) / 1_000)).toBe(5);
  });

  it('is not waited for when the client left', async () => {
    await using gateway = await start({ rules: [{ fail: { kind: 'silence' } }] });
    const cancel = new Cancel();
    const counting = count(gateway, small, cancel);
    await expect.poll(() => gateway.simulator.requests.length).toBe(1);
    cancel.cancel();
    expect(await counting).toBeUndefined();
  });

  it('is asked for neither for what cannot be read nor for what is no message', async () => {
    await using gateway = await start();
    expect(await count(gateway, 'not json')).toBeUndefined();
    expect(await count(gateway, small, new Cancel(), 'messages/count_tokens')).toBeUndefined();
    expect(gateway.simulator.requests).toEqual([]);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { outputBoundOf } from '../../../src/gateway/shape/output-bound.ts';
import { readFacts } from '../../../src/gateway/shape/request-facts.ts';
import { type ShapePlan, shapeBody } from '../../../src/gateway/shape/shape-body.ts';

const plan: ShapePlan = {
  purpose: 'generate',
  format: 'anthropic-messages',
  anthropicVersion: '2023-06-01',
  chatBoundField: 'max_completion_tokens',
  model: undefined,
  credentialType: 'api_key',
  params: {},
  usage: undefined,
};

function shaped(text: string, changes: Partial<ShapePlan>): string {
  const body = Buffer.from(text);
  return shapeBody(body, readFacts(body), { ...plan, ...changes }).toString();
}

const ONE_HOUR = { params: { cacheControlTtl: '1h' } } as const;
const mark = (ttl?: string) => ({ type: 'ephemeral', ...(ttl ? { ttl } : {}) });
const block = (ttl?: string) => ({ type: 'text', text: 'cache_control', cache_control: mark(ttl) });
const ttls = (body: string) =>
  [...body.matchAll(/"ephemeral"(?:,"ttl":"(\w+)")?/g)].map((match) => match[1] ?? '-').join(' ');

describe('a body with nothing to change', () => {
  it('is the same buffer', () => {
    const body = Buffer.from(JSON.stringify({ model: 'm', system: [block()], messages: [] }));
    expect(shapeBody(body, readFacts(body), plan)).toBe(body);
    expect(shapeBody(body, readFacts(body), { ...plan, model: 'm' })).toBe(body);
  });

  it('stays untouched when it is no JSON object', () => {
    const settings = { model: 'm', params: { temperature: 1, maxTokens: 5, cacheControlTtl: '1h' } } as const;
    for (const text of ['', 'x', '[{"model":"a"}]', '{"model":"a"']) expect(shaped(text, settings)).toBe(text);
  });
});

describe('cacheControlTtl', () => {
  it('sets the ttl on marks in tools, system, messages, tool results and at the top, and nowhere else', () => {
    const text = `{ "cache_control" : {"type":"ephemeral"} ,
      "tools":[{"name":"t","input_schema":{"properties":{"cache_control":{"type":"ephemeral"}}},"cache_control":{ "type":"ephemeral" }}],
      "messages":[{"role":"user","content":[{"type":"tool_result","content":[{"type":"text","cache_control":{"type":"ephemeral"}}]}]},
        {"role":"assistant","content":[{"type":"tool_use","input":{"cache_control":{"type":"ephemeral"}},"cache_control":null}]},
        {"role":"user","content":"cache_control"}],
      "system":[{"type":"text","cache_control":{"type":"ephemeral"\n}}]}`;
    const expected = text
      .replace('"cache_control" : {"type":"ephemeral"}', '"cache_control" : {"type":"ephemeral","ttl":"1h"}')
      .replace('{ "type":"ephemeral" }}]', '{ "type":"ephemeral","ttl":"1h" }}]')
      .replace(
        '"text","cache_control":{"type":"ephemeral"}}]}]',
        '"text","cache_control":{"type":"ephemeral","ttl":"1h"}}]}]',
      )
      .replace('"ephemeral"\n}', '"ephemeral","ttl":"1h"\n}');
    expect(shaped(text, ONE_HOUR)).toBe(expected);
  });

  it.each([
    ['a one hour mark stays before and after', ['1h', undefined, '1h'], '1h 1h 1h'],
    ['no one hour mark after a five minute one', [undefined, '5m', undefined], '1h 5m -'],
    ['all after the first five minute mark stay', ['5m', undefined, undefined], '5m - -'],
    ['an unknown ttl counts as short', ['2h', undefined], '2h -'],
    ['five marks are left to the provider', [undefined, undefined, undefined, undefined, undefined], '- - - - -'],
  ])('keeps the request valid: %s', (_, marks, expected) => {
    const body = JSON.stringify({ messages: [{ role: 'user', content: marks.map(block) }] });
    expect(ttls(shaped(body, ONE_HOUR))).toBe(expected);
  });

  it("judges in the provider's order, whatever the order in the body", () => {
    const messages = [{ role: 'user', content: [block()] }];
    const body = JSON.stringify({
      cache_control: mark(),
      messages,
      system: [block('5m')],
      tools: [{ cache_control: mark() }],
    });
    expect(ttls(shaped(body, ONE_HOUR))).toBe('- - 5m 1h');
  });

  it('writes five minutes where that is set', () => {
    const body = JSON.stringify({ system: [block(), block('1h')] });
    expect(ttls(shaped(body, { params: { cacheControlTtl: '5m' } }))).toBe('5m 1h');
  });

  it.each([
    ['of another type', '{"system":[{"cache_control":{"type":"other"}}]}'],
    ['with a ttl of null', '{"system":[{"cache_control":{"type":"ephemeral","ttl":null}}]}'],
    ['with an escaped ttl', '{"system":[{"cache_control":{"type":"ephemeral","\\u0074tl":"5m"}}]}'],
    ['that stands twice', '{"system":[{"cache_control":{"type":"ephemeral"},"cache_control":{"type":"ephemeral"}}]}'],
    ['that is empty', '{"system":[{"cache_control":{}}]}'],
    ['that is null', '{"cache_control":null,"system":null,"tools":{},"messages":[1,"x",{"content":[2]}]}'],
  ])('leaves a mark %s alone', (_, body) => {
    expect(shaped(body, ONE_HOUR)).toBe(body);
  });

  it('never touches the marks of a subscription token or of another format', () => {
    const body = JSON.stringify({ system: [block()] });
    expect(shaped(body, { ...ONE_HOUR, credentialType: 'token' })).toBe(body);
    expect(shaped(body, { ...ONE_HOUR, format: 'openai-chat' })).toBe(body);
  });

  it('adds only the ttl, and never one hour after five minutes (random requests)', () => {
    const control = fc.constantFrom(undefined, mark(), mark(), mark('5m'), mark('1h'), null);
    const content = fc.array(
      fc.tuple(control, fc.array(control, { maxLength: 2 }), fc.string()).map(([own, nested, text]) => ({
        text,
        content: nested.map((inner) => ({ cache_control: inner })),
        cache_control: own,
      })),
      { maxLength: 3 },
    );
    const request = fc.record(
      { tools: content, system: content, messages: fc.array(fc.record({ content })), cache_control: control },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(
        request,
        fc.constantFrom(undefined, 1),
        fc.constantFrom('1h', '5m'),
        (value, indent, cacheControlTtl) => {
          const text = JSON.stringify(value, undefined, indent);
          const result = shaped(text, { params: { cacheControlTtl } });
          const before = inOrder(JSON.parse(text));
          const after = inOrder(JSON.parse(result));
          expect(withoutTtl(result)).toEqual(withoutTtl(text));
          expect(after.length).toBe(before.length);
          if (before.length > 4) expect(result).toBe(text);
          // What the client got wrong stays; a one hour mark that was added never follows a shorter one.
          after.forEach((ttl, index) => {
            if (ttl === before[index]) return;
            expect([before[index], ttl]).toEqual(['-', cacheControlTtl]);
            if (ttl === '1h') expect(after.slice(0, index).every((earlier) => earlier === '1h')).toBe(true);
          });
        },
      ),
      { numRuns: 500 },
    );
  });
});

interface Block {
  readonly content?: Block[];
  readonly cache_control?: { ttl?: string } | null;
}

/** The ttl of each mark in the provider's order, by a JSON parser and recursion. */
function inOrder(request: { tools?: Block[]; system?: Block[]; messages?: Block[] } & Block): string[] {
  const own = (item: Block) => (item.cache_control ? [item.cache_control.ttl ?? '-'] : []);
  const blocks = (list: Block[] = []): string[] => list.flatMap((item) => [...blocks(item.content), ...own(item)]);
  return [...blocks(request.tools), ...blocks(request.system), ...blocks(request.messages), ...own(request)];
}

function withoutTtl(text: string): unknown {
  return JSON.parse(text, (key, value) => (key === 'ttl' ? undefined : value));
}

describe('model', () => {
  it('writes the wire id over the alias and nothing else', () => {
    const body = '{ "messages":[{"model":"opus"}], "model" : "opus" , "x":"opus"}';
    expect(shaped(body, { model: 'claude-opus-4-5' })).toBe(body.replace('"opus" ,', '"claude-opus-4-5" ,'));
  });

  it('does not add a model to a request without one', () => {
    expect(shaped('{"x":1}', { model: 'm' })).toBe('{"x":1}');
    expect(shaped('{"model":null}', { model: 'm' })).toBe('{"model":null}');
  });
});

describe('params', () => {
  const params = { temperature: 0.2, maxTokens: 100 };

  it.each([
    ['anthropic-messages', '{"max_tokens":100,"temperature":0.2,"model":"m"}'],
    ['openai-chat', '{"max_completion_tokens":100,"temperature":0.2,"model":"m"}'],
    ['openai-responses', '{"max_output_tokens":100,"temperature":0.2,"model":"m"}'],
  ] as const)('fill what the client left out, in the words of %s', (format, expected) => {
    expect(shaped('{"model":"m"}', { format, params })).toBe(expected);
  });

  it("write the older name for a person's own server, and into an empty object", () => {
    expect(shaped('{ }', { format: 'openai-chat', chatBoundField: 'max_tokens', params: { maxTokens: 7 } })).toBe(
      '{"max_tokens":7 }',
    );
  });

  it.each([
    ['what the client set', { max_tokens: 1, temperature: 1 }, {}],
    ['a bound of another name', { max_tokens: 1, top_p: 1 }, { format: 'openai-chat' }],
    ['sampling while thinking', { max_tokens: 1, thinking: { type: 'enabled' } }, {}],
    ['sampling for a version that refuses it', { max_tokens: 1 }, { anthropicVersion: '2026-10-21' }],
    ['a request that only counts tokens', {}, { purpose: 'count' }],
  ] as const)('leave alone %s', (_, body, changes) => {
    const text = JSON.stringify(body);
    expect(shaped(text, { params, ...changes })).toBe(text);
  });

  it('go together with a model and a ttl in one copy', () => {
    const text = '{"model":"opus","system":[{"cache_control":{"type":"ephemeral"}}]}';
    const all = { model: 'wire', params: { ...params, cacheControlTtl: '1h' } } as const;
    expect(shaped(text, all)).toBe(
      '{"max_tokens":100,"temperature":0.2,"model":"wire","system":[{"cache_control":{"type":"ephemeral","ttl":"1h"}}]}',
    );
  });
});

describe('maxOutputTokens', () => {
  const params = { maxOutputTokens: 100 };
  const THINKING = '"thinking":{"type":"enabled","budget_tokens":150}';

  it.each([
    ['lowers a larger bound', '{"max_tokens": 128000 ,"model":"m"}', '{"max_tokens": 100 ,"model":"m"}'],
    ['leaves a smaller one', '{"max_tokens":99}', '{"max_tokens":99}'],
    ['leaves the same one', '{"max_tokens":100}', '{"max_tokens":100}'],
    ['is put in where there is none', '{"model":"m"}', '{"max_tokens":100,"model":"m"}'],
    ['is put in beside a field that bounds nothing here', '{"n":1}', '{"max_tokens":100,"n":1}'],
    ['is put in the place of no bound', '{"max_tokens":null}', '{"max_tokens":100}'],
    ['is put in the place of what is no number of tokens', '{"max_tokens":-1}', '{"max_tokens":100}'],
    ['stays above the thinking', `{"max_tokens":128000,${THINKING}}`, `{"max_tokens":151,${THINKING}}`],
    ['does not raise for it', `{"max_tokens":120,${THINKING}}`, `{"max_tokens":120,${THINKING}}`],
    ['is put in above it', `{${THINKING}}`, `{"max_tokens":151,${THINKING}}`],
  ])('%s', (_, body, expected) => {
    expect(shaped(body, { params })).toBe(expected);
  });

  it.each([
    ['openai-chat', '{"max_completion_tokens":200}', '{"max_completion_tokens":100}'],
    ['openai-chat', '{"max_tokens":200}', '{"max_tokens":100}'],
    ['openai-chat', '{"max_tokens":50,"max_completion_tokens":200}', '{"max_tokens":50,"max_completion_tokens":100}'],
    ['openai-chat', '{"x":1}', '{"max_completion_tokens":100,"x":1}'],
    ['openai-responses', '{"max_output_tokens":200}', '{"max_output_tokens":100}'],
    ['openai-responses', '{"max_tokens":200}', '{"max_output_tokens":100,"max_tokens":100}'],
    ['anthropic-messages', '{"max_output_tokens":50}', '{"max_tokens":100,"max_output_tokens":50}'],
  ] as const)('bounds %s: %s', (format, body, expected) => {
    expect(shaped(body, { format, params })).toBe(expected);
  });

  it('is the most that maxTokens fills in', () => {
    expect(shaped('{"x":1}', { params: { ...params, maxTokens: 500 } })).toBe('{"max_tokens":100,"x":1}');
    expect(shaped('{"x":1}', { params: { ...params, maxTokens: 50 } })).toBe('{"max_tokens":50,"x":1}');
  });

  it('goes together with a temperature', () => {
    const all = { ...params, temperature: 0.5 };
    expect(shaped('{}', { params: all })).toBe('{"max_tokens":100,"temperature":0.5}');
    expect(shaped('{"max_tokens":500}', { params: all })).toBe('{"temperature":0.5,"max_tokens":100}');
  });

  it('is for answers only', () => {
    expect(shaped('{"max_tokens":200}', { params, purpose: 'count' })).toBe('{"max_tokens":200}');
  });
});

describe('the bound as it goes upstream', () => {
  it.each([
    ['{"max_tokens":200}', {}, 200],
    ['{"max_tokens":200}', { maxOutputTokens: 100 }, 100],
    ['{"max_tokens":50}', { maxOutputTokens: 100, maxTokens: 70 }, 50],
    ['{}', { maxTokens: 70 }, 70],
    ['{}', { maxOutputTokens: 100 }, 100],
    ['{}', {}, undefined],
    ['not json', { maxOutputTokens: 100 }, undefined],
  ])('of %s with %j is %s', (text, params, tokens) => {
    const body = Buffer.from(text);
    expect(outputBoundOf(body, readFacts(body), params, 'anthropic-messages').tokens).toBe(tokens);
  });
});

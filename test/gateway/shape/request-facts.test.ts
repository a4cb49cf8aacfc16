import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isMoltbotError } from '../../../src/core/errors.ts';
import { membersAt, skipValue } from '../../../src/gateway/shape/json-scan.ts';
import { readFacts } from '../../../src/gateway/shape/request-facts.ts';

function facts(value: unknown) {
  const { control, ...rest } = readFacts(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)));
  return { isJson: control !== undefined, ...rest };
}

function codeOf(body: string): string | undefined {
  try {
    readFacts(Buffer.from(body));
    return undefined;
  } catch (error) {
    return isMoltbotError(error) ? error.code : 'foreign error';
  }
}

const unknown = {
  isJson: false,
  model: undefined,
  stream: false,
  maxOutputTokens: undefined,
  sessionHint: undefined,
  hasEncryptedReasoning: false,
  namedIds: [],
  thinkingOn: false,
  includeUsage: false,
  background: false,
};
const nothing = { ...unknown, isJson: true };

describe('the facts of a body', () => {
  it('reads what Claude Code sends', () => {
    const body = {
      model: 'claude-opus-5-5',
      messages: [{ role: 'user', content: [{ type: 'text', text: 'say "model"' }] }],
      metadata: { user_id: JSON.stringify({ device_id: 'd', account_uuid: '', session_id: 's-1' }) },
      max_tokens: 128_000,
      thinking: { type: 'adaptive', display: 'omitted' },
      stream: true,
    };
    expect(facts(body)).toEqual({
      ...nothing,
      model: 'claude-opus-5-5',
      stream: true,
      maxOutputTokens: 128_000,
      sessionHint: 's-1',
      thinkingOn: true,
    });
  });

  it('reads what Codex sends, and sees reasoning that belongs to one profile', () => {
    const body = {
      model: 'gpt-5',
      stream: true,
      include: ['reasoning.encrypted_content'],
      prompt_cache_key: 'cache-1',
      previous_response_id: 'resp_1',
      reasoning: { effort: 'medium' },
    };
    const first = {
      ...nothing,
      model: 'gpt-5',
      stream: true,
      sessionHint: 'cache-1',
      namedIds: ['resp_1'],
      thinkingOn: true,
    };
    expect(facts(body)).toEqual(first);
    const input = [{ type: 'reasoning', encrypted_content: 'x'.repeat(5000) }];
    expect(facts({ ...body, input })).toEqual({ ...first, hasEncryptedReasoning: true });
  });

  it('names every id that belongs to one profile once, at any depth', () => {
    const source = { type: 'file', file_id: 'file_1' };
    const body = {
      container: { id: 'container_1' },
      input_file_id: 'file_2',
      messages: [
        { content: [{ type: 'document', source }, { type: 'text', text: '"file_id": "file_no"' }, { source }] },
      ],
      tools: [{ container: { file_ids: ['file_3', 'file_1'] } }],
    };
    expect(facts(body).namedIds).toEqual(['file_2', 'container_1', 'file_1', 'file_3']);
  });

  it.each([
    ['an older Claude Code user id', { metadata: { user_id: 'user_ab_account__session_1234-ab' } }, '1234-ab'],
    ['a user id of somebody else', { metadata: { user_id: 'bob' } }, undefined],
    ['a user id that only begins like JSON', { metadata: { user_id: '{bob' } }, undefined],
    ['metadata that is no object', { metadata: 'x', prompt_cache_key: 'k' }, 'k'],
  ])('takes a session hint from %s', (_, body, sessionHint) => {
    expect(facts(body)).toEqual({ ...nothing, sessionHint });
  });

  it.each([
    [{ max_tokens: 5, max_completion_tokens: 9 }, { maxOutputTokens: 9 }],
    [{ max_output_tokens: 7 }, { maxOutputTokens: 7 }],
    [{ max_tokens: '7' }, {}],
    [{ thinking: { type: 'disabled' } }, {}],
    [{ reasoning_effort: 'none' }, {}],
    [{ reasoning_effort: 'low' }, { thinkingOn: true }],
    [{ stream: 1, model: 5 }, {}],
    [{ stream_options: { include_usage: true } }, { includeUsage: true }],
    [{ messages: [{ model: 'inner', stream: true }] }, {}],
  ])('reads %j as %j', (body, expected) => {
    expect(facts(body)).toEqual({ ...nothing, ...expected });
  });

  it('undoes escapes in the model and in key names', () => {
    expect(facts('{"\\u006dodel":"a\\u002fb"}')).toEqual({ ...nothing, model: 'a/b' });
  });

  it.each([
    ['plain', '{"model":"a","x":1,"model":"b"}'],
    ['escaped', '{"model":"a","\\u006dodel":"b"}'],
    ['in other letter case', '{"Model":"a","model":"b"}'],
    ['in look-alike letters that servers fold', '{"\u017ftream":true,"stream":false}'],
    ['of the output bound', '{"max_tokens":1,"max_tokens":2}'],
    ['after white space', ' {\n"stream" : true ,\t"stream" : false } '],
  ])('refuses two fields of one name: %s', (_, body) => {
    expect(codeOf(body)).toBe('DUPLICATE_FIELDS');
  });

  it('lets fields it does not decide by repeat, and deeper ones', () => {
    expect(codeOf('{"x":1,"x":2,"messages":[{"model":1,"model":2}]}')).toBe(undefined);
  });

  it.each([
    '',
    '   ',
    '[]',
    '"model"',
    '{',
    '{"model":"a"',
    '{"model":"a"}}',
    '{"model":"a"} x',
    "{'model':'a'}",
    '{model:"a"}',
    '{"model":"a",}',
    '{"a":[/* " */1],"model":"b"}',
    '{"a":[\u00001]}',
    '{"a" "b"}',
    '{"model":"a\\"}',
  ])('knows nothing of %j and leaves it to the provider', (body) => {
    expect(facts(body)).toEqual(unknown);
  });

  it('knows nothing of UTF-16, and reads through a byte order mark', () => {
    expect(readFacts(Buffer.from('{"model":"a"}', 'utf16le')).control).toBe(undefined);
    expect(facts('\ufeff{"model":"a"}')).toEqual({ ...nothing, model: 'a' });
  });

  it('survives a million brackets and refuses a flood of fields', () => {
    const deep = `{"a":${'['.repeat(1e6)}${']'.repeat(1e6)},"model":"m"}`;
    expect(facts(deep)).toEqual({ ...nothing, model: 'm' });
    expect(codeOf(`{"a":${'['.repeat(1e6)}`)).toBe(undefined);
    expect(codeOf(`{${Array.from({ length: 1001 }, (_, index) => `"k${index}":1`).join()}}`)).toBe('BAD_REQUEST');
  });
});

describe('the scanner', () => {
  it('finds the end of every JSON value', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), fc.constantFrom('', ' ', ',', '}', ']'), (json, tail) => {
        const body = Buffer.from(json + tail);
        expect(skipValue(body, 0)).toBe(Buffer.byteLength(json));
      }),
    );
  });

  it('gives the members that a JSON parser gives, strings of every length and escape included', () => {
    const text = fc.array(fc.constantFrom('\\', '"', 'a', '{', '\n', 'é', 'x'.repeat(40)), { maxLength: 90 });
    const object = fc.dictionary(
      text.map((parts) => parts.join('')),
      fc.anything({ maxDepth: 2 }),
    );
    fc.assert(
      fc.property(object, fc.constantFrom(undefined, 2), (value, indent) => {
        const body = Buffer.from(JSON.stringify(value, undefined, indent));
        const parsed = membersAt(body, 0)!.members.map(({ key, value: span }) => [
          JSON.parse(`"${body.toString('utf8', key.start, key.end)}"`),
          JSON.parse(body.toString('utf8', span.start, span.end)),
        ]);
        expect(parsed).toEqual(Object.entries(JSON.parse(body.toString())));
      }),
    );
  });

  it('never fails with anything but an error of ours, whatever the bytes', () => {
    const pieces = fc.array(
      fc.constantFrom(
        '{',
        '}',
        '[',
        ']',
        '"',
        '\\',
        ':',
        ',',
        'model',
        '"model"',
        '"file_ids"',
        '1',
        'é',
        '\u0000',
        ' ',
      ),
    );
    fc.assert(
      fc.property(pieces, (parts) => {
        expect(codeOf(parts.join(''))).not.toBe('foreign error');
      }),
      { numRuns: 3000 },
    );
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(codeOf(Buffer.from(bytes).toString('latin1'))).not.toBe('foreign error');
      }),
    );
  });
});

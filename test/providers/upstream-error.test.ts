import { describe, expect, it } from 'vitest';
import { headerText, readUpstreamError, requestIdOf } from '../../src/providers/upstream-error.ts';

const NOTHING = { type: undefined, code: undefined, message: '', requestId: undefined };

describe('readUpstreamError', () => {
  it("reads Anthropic's error with its detail code and request id", () => {
    const body = JSON.stringify({
      type: 'error',
      error: {
        type: 'rate_limit_error',
        message: 'Spend limit.',
        details: { error_code: 'enforced_spend_limit_reached' },
      },
      request_id: 'req_body',
    });
    expect(readUpstreamError({ 'request-id': 'req_head' }, body)).toEqual({
      type: 'rate_limit_error',
      code: 'enforced_spend_limit_reached',
      message: 'Spend limit.',
      requestId: 'req_head',
    });
    expect(readUpstreamError({}, body).requestId).toBe('req_body');
  });

  it("reads OpenAI's error, also as xAI sends it", () => {
    const body = JSON.stringify({
      error: { message: 'Quota.', type: 'insufficient_quota', param: null, code: 'insufficient_quota' },
    });
    expect(readUpstreamError({ 'x-request-id': 'abc-1' }, body)).toEqual({
      type: 'insufficient_quota',
      code: 'insufficient_quota',
      message: 'Quota.',
      requestId: 'abc-1',
    });
  });

  it("reads xAI's code with a text, and its text alone", () => {
    const coded = JSON.stringify({ code: 'Some resource has been exhausted', error: 'Too many requests.' });
    expect(readUpstreamError({}, coded)).toEqual({
      ...NOTHING,
      code: 'Some resource has been exhausted',
      message: 'Too many requests.',
    });
    expect(readUpstreamError({}, '{"error":"No such thing."}')).toEqual({ ...NOTHING, message: 'No such thing.' });
  });

  it.each([
    undefined,
    '',
    '<html>502</html>',
    'null',
    '[]',
    '"text"',
    '{"error":null}',
    '{"error":[]}',
    '{"error":{"type":7,"message":{},"code":null}}',
    '{"error":{"message":"cut',
    '{"__proto__":{"error":"x"}}',
  ])('takes %j for an error that says nothing', (body) => {
    expect(readUpstreamError({}, body)).toEqual(NOTHING);
  });

  it('does not parse a body that is too large for an error', () => {
    expect(readUpstreamError({}, `{"error":"${'x'.repeat(300_000)}"}`)).toEqual(NOTHING);
  });

  it('keeps no text that could be the credential a hostile origin received', () => {
    const key = 'sk-ant-sim-0123456789abcdef';
    const body = JSON.stringify({ error: { type: key, code: key, message: 'no' }, request_id: key });
    expect(readUpstreamError({ 'request-id': key, 'x-request-id': key }, body)).toEqual({ ...NOTHING, message: 'no' });
  });

  it('cannot be made to move a cursor', () => {
    expect(readUpstreamError({}, JSON.stringify({ error: '\u001b[2J' })).message).toBe('\\u{1b}[2J');
    expect(requestIdOf({ 'request-id': 'req_1\r\nx: y' })).toBeUndefined();
  });
});

describe('headerText', () => {
  it('takes the first of a repeated header and nothing inherited', () => {
    expect(headerText({ 'retry-after': ['1', '2'] }, 'retry-after')).toBe('1');
    expect(headerText({ 'retry-after': [] }, 'retry-after')).toBeUndefined();
    expect(headerText({}, 'constructor')).toBeUndefined();
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isMoltbotError } from '../../../src/core/errors.ts';
import { presentedTokens } from '../../../src/gateway/headers/credentials.ts';
import { checkContentType, checkHygiene, hasBody } from '../../../src/gateway/headers/hygiene.ts';
import { isClaudeCode, sessionOf } from '../../../src/gateway/headers/session.ts';

const listener = { port: 8400, isTls: false, setting: 'gateway.allowedHosts', allowedHosts: new Set(['gw.example']) };
const HOST = ['Host', '127.0.0.1:8400'];

function codeOf(run: () => unknown): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return isMoltbotError(error) ? error.code : 'foreign error';
  }
}

const check = (raw: readonly string[], method = 'POST') => codeOf(() => checkHygiene(method, raw, listener));

describe('the host', () => {
  it.each([
    '127.0.0.1',
    '127.0.0.1:8400',
    'localhost:8400',
    'LOCALHOST',
    '[::1]',
    '[::1]:8400',
    'gw.example',
    'GW.example:8400',
  ])('%s is ours', (host) => {
    expect(check(['host', host])).toBe(undefined);
  });

  it.each([
    'evil.example',
    'localhost.',
    'localhost.:8400',
    '127.0.0.1:8401',
    '',
    ' ',
    ':8400',
    'localhost:',
    'localhost:08400',
    'localhost@evil.example',
    'http://localhost',
    'localhost/x',
    '127.1',
    '::1',
    'localhost, localhost',
    'gw.example.evil',
    'loc\u0430lhost',
  ])('%j is not', (host) => {
    expect(check(['Host', host])).toBe('HOST_NOT_ALLOWED');
  });

  it('is there exactly once', () => {
    expect(check([])).toBe('BAD_REQUEST');
    expect(check([...HOST, 'HOST', '127.0.0.1:8400'])).toBe('BAD_REQUEST');
  });
});

describe('the framing', () => {
  it.each([
    [['Content-Length', '1', 'content-length', '1'], 'BAD_REQUEST'],
    [['Content-Length', '1', 'Transfer-Encoding', 'chunked'], 'BAD_REQUEST'],
    [['Content-Length', '+1'], 'BAD_REQUEST'],
    [['Content-Length', '1, 1'], 'BAD_REQUEST'],
    [['Transfer-Encoding', 'chunked, identity'], 'BAD_REQUEST'],
    [['Transfer-Encoding', 'xchunked'], 'BAD_REQUEST'],
    [['Content-Type', 'a', 'content-type', 'b'], 'BAD_REQUEST'],
    [['X-Api-Key', 'a', 'x-api-key', 'a'], 'BAD_REQUEST'],
    [['Authorization', 'Bearer a', 'authorization', 'Bearer a'], 'AMBIGUOUS_CREDENTIALS'],
    [['Transfer-Encoding', 'Chunked'], undefined],
    [['anthropic-beta', 'a', 'anthropic-beta', 'b'], undefined],
    [['Upgrade', 'h2c', 'Connection', 'Upgrade, HTTP2-Settings'], undefined],
  ])('of %j is answered %s', (raw, code) => {
    expect(check([...HOST, ...raw])).toBe(code);
  });

  it.each(['CONNECT', 'TRACE', 'OPTIONS', 'PROPFIND', 'post', ''])('does not serve the method %j', (method) => {
    expect(check(HOST, method)).toBe('METHOD_NOT_ALLOWED');
  });
});

describe('the origin', () => {
  it.each([
    [['Origin', 'https://evil.example'], 'ORIGIN_NOT_ALLOWED'],
    [['Origin', 'null'], 'ORIGIN_NOT_ALLOWED'],
    [['Origin', ''], 'ORIGIN_NOT_ALLOWED'],
    [['Origin', 'http://127.0.0.1:3000'], 'ORIGIN_NOT_ALLOWED'],
    [['Origin', 'http://127.0.0.1'], 'ORIGIN_NOT_ALLOWED'],
    [['Origin', 'https://127.0.0.1:8400'], 'ORIGIN_NOT_ALLOWED'],
    [['Origin', 'http://evil.example:8400'], 'ORIGIN_NOT_ALLOWED'],
    [['Origin', 'http://127.0.0.1:8400', 'Sec-Fetch-Site', 'cross-site'], 'ORIGIN_NOT_ALLOWED'],
    [['Sec-Fetch-Site', 'cross-site'], 'ORIGIN_NOT_ALLOWED'],
    [['Sec-Fetch-Site', 'same-site'], 'ORIGIN_NOT_ALLOWED'],
    [['Sec-Fetch-Site', ''], 'ORIGIN_NOT_ALLOWED'],
    [['Origin', 'a', 'origin', 'b'], 'BAD_REQUEST'],
    [['Origin', 'http://127.0.0.1:8400', 'Sec-Fetch-Site', 'same-origin'], undefined],
    [['Sec-Fetch-Site', 'none'], undefined],
    [[], undefined],
  ])('of %j is answered %s', (raw, code) => {
    expect(check([...HOST, ...raw])).toBe(code);
  });

  it('may leave out the port where it is the default one', () => {
    const own = { port: 443, isTls: true, setting: 'gateway.allowedHosts', allowedHosts: new Set(['gw.example']) };
    const origin = (text: string) => codeOf(() => checkHygiene('POST', ['host', 'gw.example', 'origin', text], own));
    expect([origin('https://gw.example'), origin('https://gw.example:443'), origin('http://gw.example')]).toEqual([
      undefined,
      undefined,
      'ORIGIN_NOT_ALLOWED',
    ]);
  });
});

describe('the content type', () => {
  const type = (text: string | undefined, kind: Parameters<typeof checkContentType>[1], length = '5') =>
    codeOf(() =>
      checkContentType(['content-length', length, ...(text === undefined ? [] : ['Content-Type', text])], kind),
    );

  it.each([
    'application/json',
    'Application/JSON',
    'application/json; charset=utf-8',
    'application/json;charset="UTF8"',
    'application/json;',
  ])('%s is JSON', (text) => {
    expect([type(text, 'json'), type(text, 'batch'), type(text, 'upload')]).toEqual([
      undefined,
      undefined,
      'WRONG_CONTENT_TYPE',
    ]);
  });

  it.each([
    undefined,
    '',
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/json; charset=utf-16',
    'application/jsonx',
    'multipart/form-data; boundary=x',
  ])('%s is not', (text) => {
    expect(type(text, 'json')).toBe('WRONG_CONTENT_TYPE');
  });

  it('is not asked for when there is no body, and a read takes none', () => {
    expect([type('text/plain', 'json', '0'), type(undefined, 'none', '0'), type('application/json', 'none')]).toEqual([
      undefined,
      undefined,
      'BAD_REQUEST',
    ]);
    expect(type('multipart/form-data; boundary=x', 'upload')).toBe(undefined);
    expect([hasBody([]), hasBody(['Transfer-Encoding', 'chunked']), hasBody(['content-length', '00'])]).toEqual([
      false,
      true,
      false,
    ]);
  });
});

describe('what a client presents as its token', () => {
  it.each([
    [['Authorization', 'Bearer abc'], ['abc']],
    [['AUTHORIZATION', 'bEaReR \t abc '], ['abc']],
    [['x-api-key', 'abc', 'authorization', 'Bearer abc'], ['abc']],
    [
      ['x-api-key', 'junk', 'authorization', 'Bearer abc'],
      ['abc', 'junk'],
    ],
    [['authorization', 'Basic abc', 'X-API-KEY', ' k '], ['k']],
    [['authorization', 'Bearer'], []],
    [['authorization', 'Bearer '], []],
    [['authorization', 'Bearer a b'], []],
    [['authorization', 'Bearer t\u00f6ken', 'x-api-key', 'a\u0000b'], []],
    [['authorization', `Bearer ${'a'.repeat(65_536)}`], []],
    [['x-api-key', ''], []],
    [[], []],
  ])('in %j is %j', (raw, tokens) => {
    expect(presentedTokens(raw)).toEqual(tokens);
  });
});

describe('who is calling', () => {
  it('finds the session in the header of highest authority, else in the body', () => {
    const raw = ['X-Session-Affinity', 'd', 'session-id', 'c', 'X-Session-ID', 'b', 'X-Claude-Code-Session-Id', 'a'];
    expect([8, 6, 4, 2, 0].map((end) => sessionOf(raw.slice(0, end), 'hint'))).toEqual(['a', 'b', 'c', 'd', 'hint']);
    expect(sessionOf(['x-session-id', ' '], undefined)).toBe(undefined);
    expect(sessionOf(['x-session-id', 'x'.repeat(5000)], undefined)).toBe('x'.repeat(200));
  });

  it('knows Claude Code by what it says of itself', () => {
    expect(isClaudeCode(['X-App', 'cli'])).toBe(true);
    expect(isClaudeCode(['User-Agent', 'claude-cli/2.1.329 (external, cli)'])).toBe(true);
    expect(isClaudeCode(['User-Agent', 'Anthropic/JS 1.11.0', 'x-app', 'other'])).toBe(false);
  });
});

it('no header makes anything but an error of ours', () => {
  const name = fc.constantFrom(
    'Host',
    'Origin',
    'content-length',
    'Transfer-Encoding',
    'authorization',
    'x-api-key',
    'content-type',
  );
  const raw = fc.array(
    fc.tuple(name, fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('127.0.0.1', '1', 'chunked'))),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(raw, fc.constantFrom('json', 'upload', 'none'), (pairs, kind) => {
      const headers = pairs.flat();
      const codes = [
        check(headers),
        codeOf(() => checkContentType(headers, kind)),
        codeOf(() => presentedTokens(headers)),
      ];
      expect(codes).not.toContain('foreign error');
    }),
    { numRuns: 2000 },
  );
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../../src/core/secret.ts';
import { mergeBetas, ownBetas } from '../../../src/gateway/shape/betas.ts';
import { clientHeaders, type UpstreamHeaderPlan, upstreamHeaders } from '../../../src/gateway/shape/headers.ts';
import { settingHeaderMistake } from '../../../src/providers/setting-headers.ts';

const CACHE = 'extended-cache-ttl-2025-04-11';
const OAUTH = 'oauth-2025-04-20';
const KEY = 'sk-ant-sim-canary';

const plan: UpstreamHeaderPlan = {
  dialect: 'anthropic',
  credential: ['x-api-key', new Secret(KEY)],
  betas: [CACHE],
  headers: undefined,
  paramHeaders: undefined,
  contentLength: 12,
};

/** Every upstream request ends in these. */
const END = ['accept-encoding', 'identity', 'content-length', '12', 'x-api-key', KEY];

describe('the headers that go upstream', () => {
  it("keep the client's order and spelling, and change only what must be", () => {
    const raw = [
      ...['Host', '127.0.0.1:8400', 'Accept', '*/*', 'Accept-Encoding', 'gzip', 'Authorization', 'Bearer x'],
      ...['X-Api-Key', 'y', 'anthropic-version', '2026-10-21', 'X-Project', 'alpha', 'Content-Length', '99'],
      ...['anthropic-beta', 'b1,b2', 'Anthropic-Beta', 'b3', 'Content-Type', 'application/json'],
    ];
    expect(upstreamHeaders(raw, plan)).toEqual([
      ...['Accept', '*/*', 'anthropic-version', '2026-10-21', 'X-Project', 'alpha', 'Content-Type', 'application/json'],
      ...['anthropic-beta', `b1,b2,b3,${CACHE}`],
      ...END,
    ]);
  });

  it('add the default version only when there is none, and only in the Anthropic dialect', () => {
    expect(upstreamHeaders([], plan)).toEqual(['anthropic-version', '2023-06-01', 'anthropic-beta', CACHE, ...END]);
    const bearer = { ...plan, dialect: 'openai', credential: ['authorization', new Secret('Bearer k')] } as const;
    expect(upstreamHeaders(['anthropic-beta', 'x'], bearer)).toEqual([
      ...['anthropic-beta', 'x', 'accept-encoding', 'identity', 'content-length', '12', 'authorization', 'Bearer k'],
    ]);
  });

  it('have no credential and no length where there is none', () => {
    const bare = { ...plan, dialect: 'openai', credential: undefined, contentLength: undefined } as const;
    expect(upstreamHeaders(['authorization', 'Bearer x'], bare)).toEqual(['accept-encoding', 'identity']);
  });

  it('lose everything that belongs to the connection, the route here, another credential or ourselves', () => {
    const dropped = [
      ...['cookie', 'proxy-authorization', 'Proxy-Whatever', 'api-key', 'connection', 'keep-alive', 'te', 'trailer'],
      ...[
        'transfer-encoding',
        'upgrade',
        'http2-settings',
        'expect',
        'forwarded',
        'x-forwarded-for',
        'X-Forwarded-Host',
      ],
      ...['via', 'x-real-ip', 'x-http-method-override', 'x-moltbot-agent', 'x-original-url'],
    ];
    const raw = dropped.flatMap((name) => [name, 'v']);
    expect(upstreamHeaders(raw, { ...plan, dialect: 'openai' })).toEqual(END);
  });

  it('lose a token of ours in whatever header it stands', () => {
    const raw = ['x-custom', `token=mbt_${'a'.repeat(49)}`, 'x-other', 'mbt_'];
    expect(upstreamHeaders(raw, { ...plan, dialect: 'openai' })).toEqual(['x-other', 'mbt_', ...END]);
  });

  it('cannot be deleted by a connection list, which takes only from the client', () => {
    const raw = ['Connection', 'x-api-key, anthropic-version,anthropic-beta', 'X-Mine', '1', 'connection', 'X-MINE'];
    const withClient = [...raw, 'anthropic-beta', 'b1', 'anthropic-version', 'v'];
    const expected = ['anthropic-version', '2023-06-01', 'anthropic-beta', CACHE, ...END];
    expect(upstreamHeaders(withClient, plan)).toEqual(expected);
  });

  it('follow the settings: a provider header replaces, a model header fills', () => {
    const headers = { 'X-Team': 'set', 'X-New': { replace: 'new' } };
    const paramHeaders = { 'x-team': 'no', 'X-Fill': 'f', 'X-Sent': 'no' };
    const raw = ['x-team', 'client', 'x-sent', 'yes', 'anthropic-version', 'v', 'anthropic-beta', CACHE];
    expect(upstreamHeaders(raw, { ...plan, headers, paramHeaders })).toEqual([
      ...[
        'x-sent',
        'yes',
        'anthropic-version',
        'v',
        'anthropic-beta',
        CACHE,
        'x-team',
        'set',
        'x-new',
        'new',
        'x-fill',
        'f',
      ],
      ...END,
    ]);
  });

  it('take a model beta only when the client sent none', () => {
    const paramHeaders = { 'Anthropic-Beta': 'm' };
    const version = ['anthropic-version', 'v'];
    expect(upstreamHeaders(version, { ...plan, paramHeaders })).toEqual([
      ...version,
      'anthropic-beta',
      `m,${CACHE}`,
      ...END,
    ]);
    const sent = [...version, 'anthropic-beta', 'c'];
    expect(upstreamHeaders(sent, { ...plan, paramHeaders })).toEqual([
      ...version,
      'anthropic-beta',
      `c,${CACHE}`,
      ...END,
    ]);
  });

  it('carry exactly one credential and one framing, whatever the client sends', () => {
    const name = fc.constantFrom(
      'Authorization',
      'x-API-key',
      'Cookie',
      'Connection',
      'Content-Length',
      'Host',
      'X-A',
      'TE',
    );
    const raw = fc.array(fc.tuple(name, fc.string()), { maxLength: 12 });
    fc.assert(
      fc.property(raw, (pairs) => {
        const sent = upstreamHeaders(pairs.flat(), plan);
        const names = sent.filter((_, index) => index % 2 === 0).map((text) => text.toLowerCase());
        expect(sent.slice(-END.length)).toEqual(END);
        expect(new Set(names.filter((text) => text !== 'x-a')).size).toBe(
          names.filter((text) => text !== 'x-a').length,
        );
        expect(names.filter((text) => ['authorization', 'cookie', 'connection', 'host', 'te'].includes(text))).toEqual(
          [],
        );
      }),
    );
  });
});

describe('betas', () => {
  it('are ours by the kind of credential', () => {
    expect(ownBetas('anthropic', 'api_key', [CACHE])).toEqual([CACHE]);
    expect(ownBetas('anthropic', 'api_key', [])).toEqual([]);
    expect(ownBetas('anthropic', 'token', [CACHE])).toEqual([OAUTH]);
    expect(ownBetas('openai', 'api_key', [CACHE])).toEqual([]);
  });

  it.each([
    ["leaves the client's as they are when ours is there", [`a, ${CACHE}`, 'b'], undefined, undefined],
    ['adds ours once', ['a', 'b,a'], undefined, `a,b,${CACHE}`],
    ["adds a person's", ['a'], 'p,a', `a,p,${CACHE}`],
    ["replaces by a person's and keeps ours", ['a', 'b'], { replace: 'p' }, `p,${CACHE}`],
    ['replaces by nothing and keeps ours', ['a'], { replace: '' }, CACHE],
    ['adds to none', [], undefined, CACHE],
  ] as const)('%s', (_, client, override, expected) => {
    expect(mergeBetas(client, [CACHE], override)).toBe(expected);
  });

  it('keeps what a token needs under a replacement, and sends nothing when nothing is left', () => {
    expect(mergeBetas(['a'], [OAUTH], { replace: 'p' })).toBe(`p,${OAUTH}`);
    expect(
      upstreamHeaders(['anthropic-beta', 'a', 'anthropic-version', 'v'], {
        ...plan,
        betas: [],
        headers: { 'anthropic-beta': { replace: '' } },
      }),
    ).toEqual(['anthropic-version', 'v', ...END]);
  });
});

describe('the headers of an answer', () => {
  it('pass in order and spelling but for what must not reach a client', () => {
    const raw = [
      ...[
        'Content-Type',
        'text/event-stream',
        'Set-Cookie',
        'a',
        'request-id',
        'req_1',
        'Connection',
        'X-Hop',
        'X-Hop',
        '1',
      ],
      ...[
        'Alt-Svc',
        'h3',
        'Strict-Transport-Security',
        'm',
        'retry-after',
        '3',
        'anthropic-ratelimit-tokens-limit',
        '5',
      ],
      ...[
        'Transfer-Encoding',
        'chunked',
        'Access-Control-Allow-Origin',
        '*',
        'x-moltbot-error',
        'X',
        'x-moltbot-simulated',
        '1',
      ],
      ...['Content-Length', '5', 'Trailer', 'x', 'Proxy-Status', 'x'],
    ];
    const kept = [
      ...['Content-Type', 'text/event-stream', 'request-id', 'req_1', 'retry-after', '3'],
      ...['anthropic-ratelimit-tokens-limit', '5', 'x-moltbot-simulated', '1'],
    ];
    expect(clientHeaders(raw, { keepsLength: false })).toEqual(kept);
    expect(clientHeaders(raw, { keepsLength: true })).toEqual([...kept, 'Content-Length', '5']);
  });
});

describe('headers in settings', () => {
  it.each([
    ...[
      'Authorization',
      'x-api-key',
      'Host',
      'content-length',
      'Transfer-Encoding',
      'connection',
      'TE',
      'Cookie',
      'proxy-x',
    ],
    ...['x-moltbot-agent', 'X-Forwarded-For', 'accept-encoding', 'Content-Encoding', 'Expect'],
  ])('never reach upstream under the name %j', (name) => {
    expect(settingHeaderMistake(name, 'v')).toBe('is set by the gateway itself');
    const bare = { ...plan, dialect: 'openai', headers: { [name]: 'v' }, paramHeaders: { [name]: 'v' } } as const;
    expect(upstreamHeaders([], bare)).toEqual(END);
  });

  it('have plain names and plain values', () => {
    expect(settingHeaderMistake('bad name', 'v')).toBe('is not a header name');
    expect(settingHeaderMistake('', 'v')).toBe('is not a header name');
    expect(settingHeaderMistake('x-a', 'v\r\nx-b: 1')).toBe('has a value that is not plain text');
    expect(settingHeaderMistake('x-a', { replace: '\u0000' })).toBe('has a value that is not plain text');
    expect(settingHeaderMistake('anthropic-beta', 'files-api-2025-04-14')).toBe(undefined);
    expect(settingHeaderMistake('X-Team', { replace: 'blue' })).toBe(undefined);
  });

  it.each([
    { headers: { 'X-Team': 'a\nb' } },
    { paramHeaders: { 'X-Team': 'a\nb' } },
    { headers: { 'anthropic-beta': 'a\nb' } },
  ])('stop a request when a variable put a line break in: %j', (settings) => {
    expect(() => upstreamHeaders([], { ...plan, ...settings })).toThrow('is set to something that is not plain text.');
  });
});

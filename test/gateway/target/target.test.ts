import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isMoltbotError } from '../../../src/core/errors.ts';
import { allowedMethods, matchRoute } from '../../../src/gateway/target/routes.ts';
import { parseTarget } from '../../../src/gateway/target/target.ts';
import { upstreamBase, upstreamPath } from '../../../src/gateway/target/upstream-target.ts';
import { ANTHROPIC_ROUTES, allowedRoutes, OPENAI_ROUTES, routesForFormats } from '../../../src/providers/routes.ts';

function codeOf(run: () => unknown): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return isMoltbotError(error) ? error.code : 'foreign error';
  }
}

describe('a request target', () => {
  it.each([
    ['/v1/proxy/anthropic/v1/messages?beta=true', 'anthropic', 'messages', '?beta=true'],
    ['/v1/proxy/anthropic/messages', 'anthropic', 'messages', ''],
    ['/v1/proxy/anthropic/v1/v1/messages', 'anthropic', 'messages', ''],
    ['/v1/proxy/my-llm/v1/models/ft%3Agpt.4:x?limit=1000', 'my-llm', 'models/ft%3Agpt.4:x', '?limit=1000'],
    ['/v1/proxy/xai', 'xai', '', ''],
    ['/v1/proxy/xai/', 'xai', '', ''],
    ['/v1/proxy/xai/v1', 'xai', '', ''],
    ['/v1/proxy/anthropic/api/hello', 'anthropic', 'api/hello', ''],
  ])('%s is a path of a provider', (raw, provider, path, query) => {
    expect(parseTarget(raw)).toEqual({ kind: 'proxy', provider, path, query });
  });

  it('is ours when it is not below the proxy prefix', () => {
    expect(parseTarget('/healthz?x')).toEqual({ kind: 'own', path: '/healthz', query: '?x' });
    expect(parseTarget('/V1/proxy/anthropic')).toEqual({ kind: 'own', path: '/V1/proxy/anthropic', query: '' });
  });

  it.each([
    ...['http://evil.example/v1/messages', '//evil.example/v1', '*', '', 'v1/proxy/x', '/v1/proxy/anthropic//messages'],
    ...['/v1/proxy/anthropic/../openai/v1/messages', '/v1/proxy/anthropic/.', '/v1/proxy/anthropic/./messages', '/..'],
    ...['/v1/proxy/anthropic/%2e%2e/x', '/v1/proxy/anthropic/v1%2fmessages', '/v1/proxy/anthropic/v1%5Cmessages'],
    ...[
      '/v1/proxy/anthropic/v1\\messages',
      '/v1/proxy/anthropic@evil/messages',
      '/v1/proxy/anthropic/%40',
      '/%00',
      '/\u0000',
    ],
    ...[
      '/v1/proxy/anthropic/%6dessages',
      '/v1/proxy/anthropic/messages#x',
      '/v1/proxy/anthropic/mess ages',
      '/\u00e9',
      '/%C3%A9',
    ],
    ...[
      '/v1/proxy/anthropic/messages%',
      '/v1/proxy/anthropic/messages%2',
      '/v1/proxy/anthropic/%252e',
      '/v1/proxy/a/%0d%0a',
    ],
    ...[
      '/v1/proxy/anthropic/messages?a#b',
      '/v1/proxy/anthropic/messages?a b',
      '/v1/proxy/anthropic/messages?\\',
      '/x?\u00ff',
    ],
    ...['/v1/proxy/anthropic/messages;/../x', `/${'a'.repeat(9000)}`],
  ])('%j is refused', (raw) => {
    expect(codeOf(() => parseTarget(raw))).toBe('BAD_TARGET');
  });

  it('names a provider or is refused', () => {
    for (const raw of ['/v1/proxy/', '/v1/proxy/Anthropic/v1/messages', '/v1/proxy/-/x', '/v1/proxy/a.b/x']) {
      expect(codeOf(() => parseTarget(raw))).toBe('PROVIDER_NOT_FOUND');
    }
  });

  it('that is let through is the same path to a URL parser, and stays below the provider', () => {
    const piece = fc.constantFrom(
      '/',
      '.',
      '..',
      '%2e',
      '%2F',
      '%3A',
      '\\',
      '@',
      'v1',
      'messages',
      '?',
      '#',
      ';',
      ':',
      '\u0000',
      ' ',
      '~',
    );
    const base = upstreamBase('anthropic', 'https://api.example/base/v1/');
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const raw = `/v1/proxy/anthropic/${pieces.join('')}`;
        const code = codeOf(() => parseTarget(raw));
        if (code !== undefined) return void expect(code).toBe('BAD_TARGET');
        const target = parseTarget(raw);
        if (target.kind !== 'proxy') throw new Error('left the provider');
        const path = upstreamPath(base, target.path, target.query);
        const url = new URL(base.origin + path);
        expect([url.origin, url.href]).toEqual([base.origin, base.origin + path]);
        expect(path.startsWith('/base/v1/')).toBe(true);
      }),
      { numRuns: 5000 },
    );
  });
});

describe('the allow-list of routes', () => {
  const match = (method: string, path: string, routes = ANTHROPIC_ROUTES) => {
    const { route, id } = matchRoute(method, path, routes, 'anthropic');
    return { path: route.path, purpose: route.purpose, body: route.body, id };
  };

  it.each([
    ['POST', 'messages', 'messages', 'generate', 'json', undefined],
    ['POST', 'messages/count_tokens', 'messages/count_tokens', 'count', 'json', undefined],
    ['POST', 'messages/batches', 'messages/batches', 'batches', 'batch', undefined],
    ['GET', 'messages/batches/b_1/results', 'messages/batches/{id}/results', 'batches', 'none', 'b_1'],
    ['DELETE', 'files/f1', 'files/{id}', 'files', 'none', 'f1'],
    ['GET', 'models/a%3Ab', 'models/{id}', 'models', 'none', 'a:b'],
    ['POST', 'files', 'files', 'files', 'upload', undefined],
  ])('takes %s %s for %s', (method, path, pattern, purpose, body, id) => {
    expect(match(method, path)).toEqual({ path: pattern, purpose, body, id });
  });

  it.each([
    '',
    'message',
    'messages/',
    'messages/batches/a/b',
    'models/',
    'files/x/contents',
    'chat/completions',
    'MESSAGES',
    'files//content',
  ])('does not know %j', (path) => {
    expect(codeOf(() => match('POST', path))).toMatch(/^(ROUTE_NOT_FOUND|METHOD_NOT_ALLOWED)$/);
    expect(codeOf(() => match('GET', path))).toBe('ROUTE_NOT_FOUND');
  });

  it('names the methods a known path takes', () => {
    expect(codeOf(() => match('GET', 'messages'))).toBe('METHOD_NOT_ALLOWED');
    expect(allowedMethods('files', ANTHROPIC_ROUTES)).toEqual(['POST', 'GET']);
    expect(allowedMethods('nothing', ANTHROPIC_ROUTES)).toEqual([]);
  });

  it('says how to let a route through, and then does', () => {
    const openai = (routes = OPENAI_ROUTES) => matchRoute('POST', 'images/generations', routes, 'openai');
    expect(() => openai()).toThrow('/v1/images/generations is not a route of openai that is let through.');
    expect(openai([...OPENAI_ROUTES, ...allowedRoutes(['images/generations'])]).route.purpose).toBe('other');
    for (const path of ['../x', 'a//b', '/a', 'a/', 'a%2fb', '{id}', 'A']) {
      expect(codeOf(() => allowedRoutes([path]))).toBe('CONFIG_INVALID');
    }
  });

  it("gives a person's provider what its formats need, each once", () => {
    const paths = (...formats: Parameters<typeof routesForFormats>[0]) =>
      routesForFormats(formats).map((route) => route.path);
    expect(routesForFormats(['anthropic-messages'])).toEqual(ANTHROPIC_ROUTES);
    expect(routesForFormats(['openai-chat', 'openai-responses'])).toEqual(OPENAI_ROUTES);
    expect(paths('openai-chat')).not.toContain('responses');
    expect(paths('openai-responses')).not.toContain('chat/completions');
  });
});

describe('a base URL', () => {
  it.each([
    ['anthropic', 'https://api.anthropic.com', 'https://api.anthropic.com', '/v1'],
    ['anthropic', 'https://api.anthropic.com/v1/', 'https://api.anthropic.com', '/v1'],
    ['anthropic', 'https://h.example:8443/x/v1', 'https://h.example:8443', '/x/v1'],
    ['anthropic', 'https://h.example/v1/v1', 'https://h.example', '/v1/v1'],
    ['openai', 'https://api.x.ai/v1', 'https://api.x.ai', '/v1'],
    ['openai', 'https://api.x.ai/', 'https://api.x.ai', '/v1'],
    ['openai', 'http://127.0.0.1:11434/openai/v2/', 'http://127.0.0.1:11434', '/openai/v2'],
    ['openai', 'http://localhost:1/v1', 'http://localhost:1', '/v1'],
    ['openai', 'http://[::1]:1/v1', 'http://[::1]:1', '/v1'],
    ['openai', 'http://192.168.1.5/v1', 'http://192.168.1.5', '/v1'],
  ] as const)('of %s %s leads to %s%s', (dialect, text, origin, prefix) => {
    expect(upstreamBase(dialect, text)).toEqual({ origin, prefix });
  });

  it.each([
    'http://api.anthropic.com',
    'http://8.8.8.8/v1',
    'http://169.254.169.254/',
    'http://localhost.evil.example',
    'ftp://x',
    'x',
    '',
    'https://user:password@h.example',
    'https://user@h.example',
    'https://@h.example',
    'https://h.example/?a=1',
    'https://h.example/#a',
    'https://h.example/a b',
    'https://h.example\\x',
    'https://h.example./v1',
    'javascript:alert(1)',
    'https://',
    'http:127.0.0.1',
  ])('%j is refused', (text) => {
    expect(codeOf(() => upstreamBase('openai', text))).toBe('CONFIG_INVALID');
  });

  it('that holds a password is not repeated in the error', () => {
    expect(() => upstreamBase('openai', 'https://user:hunter2@h.example')).toThrow(
      'The base URL holds a user name or password.',
    );
  });

  it('keeps its prefix against a path that would leave it', () => {
    const base = upstreamBase('anthropic', 'https://h.example');
    for (const path of ['../x', 'a/./b', 'a\\b', 'a#b', 'a b', 'a?b']) {
      expect(codeOf(() => upstreamPath(base, path, ''))).toBe('BAD_TARGET');
    }
    expect(upstreamPath(base, 'messages', '?a=../b')).toBe('/v1/messages?a=../b');
  });
});

import { describe, expect, it } from 'vitest';
import { widenedKeys } from '../../src/config/widened-keys.ts';

const provider = (settings: object) => ({ models: { providers: { anthropic: settings } } });

describe('a change of the config', () => {
  it.each<[string, object, object, string[]]>([
    ['a first base URL', {}, provider({ baseUrl: 'http://a' }), ['models.providers.anthropic.baseUrl']],
    [
      'another base URL',
      provider({ baseUrl: 'http://a' }),
      provider({ baseUrl: 'http://b' }),
      ['models.providers.anthropic.baseUrl'],
    ],
    [
      'leave for private networks',
      provider({}),
      provider({ allowPrivateNetwork: true }),
      ['models.providers.anthropic.allowPrivateNetwork'],
    ],
    ['an outgoing proxy', {}, { network: { proxyUrl: 'http://p' } }, ['network.proxyUrl']],
    ['a listener for the management API', {}, { management: { http: {} } }, ['management.http']],
    ['a program to run', {}, { alerts: { command: ['/usr/bin/tell'], desktop: true } }, ['alerts.command']],
    ['a place for alerts', {}, { alerts: { webhook: { url: 'https://a' } } }, ['alerts.webhook']],
    ['another listener', { gateway: { host: '127.0.0.1' } }, { gateway: { host: '0.0.0.0' } }, ['gateway.host']],
    [
      'keys of the environment',
      {},
      { agents: { list: [{ id: 'a', auth: { env: true } }] } },
      ['agents.list a auth.env'],
    ],
  ])('that sets %s widens', (_what, before, after, keys) => {
    expect(widenedKeys(before as never, after as never)).toEqual(keys);
  });

  it.each<[string, object, object]>([
    ['the same', provider({ baseUrl: 'http://a' }), provider({ baseUrl: 'http://a' })],
    ['a base URL taken out', provider({ baseUrl: 'http://a' }), {}],
    ['no private networks', provider({ allowPrivateNetwork: true }), provider({ allowPrivateNetwork: false })],
    [
      'another place in the list',
      { agents: { list: [{ id: 'a', auth: { env: true } }, { id: 'b' }] } },
      { agents: { list: [{ id: 'b' }, { id: 'a', auth: { env: true } }] } },
    ],
    ['a port and a model', {}, { gateway: { port: 1 }, agents: { defaults: { model: { primary: 'a/b' } } } }],
    ['something that is no config', { models: 'x' }, { models: { providers: ['y'] }, agents: { list: [1] } }],
  ])('with %s does not', (_what, before, after) => {
    expect(widenedKeys(before as never, after as never)).toEqual([]);
  });
});

import { configFromText } from '../../src/config/load.ts';
import { BROKER_ROUTES } from '../../src/gateway/broker/serve-broker.ts';
import { providersOf } from '../../src/providers/registry.ts';
import { TestGateway } from '../fakes/test-gateway.ts';

/** A provider that a person defined, so that its routes are there, too. */
export const OWN_PROVIDER = {
  api: ['openai-chat', 'openai-responses'],
  auth: 'bearer',
  allowRoutes: ['images/generations'],
};

export interface KnownRoute {
  readonly method: string;
  readonly path: string;
}

/**
 * Every route of the proxy listener with each of its methods, from the tables the gateway itself routes by, and the
 * gateway's own paths, and some that are nothing at all.
 */
export function everyRoute(): KnownRoute[] {
  const config = { models: { providers: { local: { ...OWN_PROVIDER, baseUrl: 'http://127.0.0.1:9/v1' } } } };
  const providers = providersOf(configFromText('moltbot.json', JSON.stringify(config), {}).config);
  const proxied = [...providers.values()].flatMap((provider) =>
    provider.routes.flatMap((route) =>
      route.methods.map((method) => ({
        method,
        path: `/v1/proxy/${provider.id}/v1/${route.path.replace('{id}', 'abc')}`,
      })),
    ),
  );
  const own = ['/healthz', '/readyz', '/v1/self', '/v1/proxy/anthropic', '/v1/proxy/openai/api/hello', '/', '/nothing'];
  const broker = BROKER_ROUTES.map(({ method, name }) => ({ method, path: name.replace('{id}', 'abc') }));
  return [...proxied, ...broker, ...own.map((path) => ({ method: 'GET', path }))];
}

/** A gateway on which every such route leads to the simulator. */
export function startForEveryRoute(): Promise<TestGateway> {
  return TestGateway.start({
    profiles: ['first', { name: 'first', provider: 'openai' }, { name: 'first', provider: 'xai' }],
    config: { models: { providers: { local: { ...OWN_PROVIDER, baseUrl: 'http://127.0.0.1:9/v1' } } } },
  });
}

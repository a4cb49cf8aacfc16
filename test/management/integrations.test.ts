import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { catalogModels } from '../../src/catalog/models.ts';
import { listModels } from '../../src/cli/list-models.ts';
import { configFromText } from '../../src/config/load.ts';
import { TestManagement } from '../fakes/test-management.ts';
import { commonStatuses, expectedStatuses, routesBelow } from './common-statuses.ts';

let world: TestManagement;
beforeAll(async () => {
  world = await TestManagement.start({
    config: { models: { providers: { local: { baseUrl: 'http://127.0.0.1:11434/v1', auth: 'none' } } } },
  });
});
afterAll(() => world[Symbol.asyncDispose]());

interface Model {
  readonly id: string;
  readonly wire_id: string;
  readonly aliases: readonly string[];
  readonly vision: boolean | null;
  readonly limits: { readonly max_input_tokens: number | null; readonly max_output_tokens: number | null };
  readonly price: { readonly input_usd_per_million: number; readonly output_usd_per_million: number };
}

const integration = async (id: string) =>
  (await world.socket.get(`/integrations/llm-providers/${id}`)).body as { models: Model[] };

describe('the catalog over the API', () => {
  it.each([
    ['anthropic', 'claude-opus-4.7', 'claude-opus-4-7', 5, 25, 1_000_000, 128_000, true],
    ['anthropic', 'claude-sonnet-4.6', 'claude-sonnet-4-6', 3, 15, 200_000, 64_000, true],
    ['anthropic', 'claude-haiku-4.5', 'claude-haiku-4-5', 1, 5, 200_000, 64_000, true],
    ['xai', 'grok-4-0709', 'grok-4-0709', 3, 15, 256_000, 256_000, true],
    ['xai', 'grok-code-fast-1', 'grok-code-fast-1', 0.2, 1.5, 256_000, 10_000, false],
    ['xai', 'grok-4-fast', 'grok-4-fast', 0.2, 0.5, 2_000_000, 30_000, true],
  ])('has %s/%s exactly', async (provider, name, wireId, input, output, maxIn, maxOut, vision) => {
    const { models } = await integration(provider);
    const model = models.find(({ id, aliases }) => id === name || aliases.includes(name))!;
    expect(model).toMatchObject({
      wire_id: wireId,
      limits: { max_input_tokens: maxIn, max_output_tokens: maxOut },
      vision,
      price: { input_usd_per_million: input, output_usd_per_million: output },
    });
  });

  it('is the one that "models list" shows', async () => {
    const { config } = configFromText('/x/moltbot.json', '{}', {});
    const listed = listModels(config, 'main', Date.now(), { all: true });
    const answers = await Promise.all(['anthropic', 'openai', 'xai'].map(integration));
    const served = answers.flatMap(({ models }, index) =>
      models.map((model) => ({
        ref: `${['anthropic', 'openai', 'xai'][index]}/${model.id}`,
        inputUsdPerMillion: model.price.input_usd_per_million,
        outputUsdPerMillion: model.price.output_usd_per_million,
        contextTokens: model.limits.max_input_tokens,
        maxOutputTokens: model.limits.max_output_tokens,
        vision: model.vision,
      })),
    );
    expect(served).toEqual(
      listed.map(({ ref, inputUsdPerMillion, outputUsdPerMillion, contextTokens, maxOutputTokens, vision }) => ({
        ...{ ref, inputUsdPerMillion, outputUsdPerMillion, contextTokens, maxOutputTokens, vision },
      })),
    );
    expect(served.length).toBe(catalogModels().length);
  });

  it('has a price that a person set in place of its own', async () => {
    const price = { inputUsdPerMillion: 0.1, outputUsdPerMillion: 0.4 };
    await using priced = await TestManagement.start({
      config: { models: { prices: { 'xai/grok-4-fast': price, 'xai/grok-next': price } } },
    });
    const { body } = await priced.socket.get('/integrations/llm-providers/xai');
    const { models } = body as { models: Model[] };
    const own = { price: { input_usd_per_million: 0.1, output_usd_per_million: 0.4 }, confidence: 'own' };
    expect(models.find(({ id }) => id === 'grok-4-fast')).toMatchObject(own);
    // No catalog knows it.
    expect(models.at(-1)).toMatchObject({ ...own, id: 'grok-next', source: 'the config', as_of: null });
  });

  it('says what each provider wants as a credential', async () => {
    const { body } = await world.socket.get('/integrations/llm-providers/xai');
    expect(body).toMatchObject({
      id: 'xai',
      type: 'llm-provider',
      display_name: 'xAI',
      built_in: true,
      default_base_url: world.simulator.baseUrls.xai,
      auth_schemas: [
        {
          type: 'api_key',
          label: 'xAI API key',
          minimum_length: 24,
          fields: [
            { name: 'api_key', required: true, secret: true, pattern: '^xai-[a-zA-Z0-9\\-_]{20,}$', sample: 'xai-…' },
            {
              name: 'base_url',
              required: false,
              secret: false,
              pattern: '^https?://.*',
              default: world.simulator.baseUrls.xai,
            },
          ],
        },
      ],
    });
    const anthropic = (await world.socket.get('/integrations/llm-providers/anthropic')).body;
    expect(anthropic).toMatchObject({ auth_schemas: [{ type: 'api_key' }, { type: 'token' }] });
  });

  it('lists the providers, those a person defined among them', async () => {
    const { body } = await world.socket.get('/integrations/llm-providers?limit=3');
    const page = body as { items: { id: string }[]; nextCursor: string };
    expect(page.items.map(({ id }) => id)).toEqual(['anthropic', 'openai', 'xai']);
    const rest = await world.socket.get(`/integrations/llm-providers?cursor=${page.nextCursor}`);
    expect(rest.body).toMatchObject({ items: [{ id: 'local', built_in: false, auth_schemas: [], models: [] }] });
  });

  it.each(['/integrations/llm-providers', '/integrations/llm-providers/anthropic'])(
    'may be kept for ten minutes, and is not sent again while it is the same: %s',
    async (path) => {
      const first = await world.socket.get(path);
      expect([first.status, first.headers['cache-control']]).toEqual([200, 'max-age=600']);
      const etag = first.headers.etag!;
      const again = await world.socket.get(path, { headers: { 'if-none-match': `"other", W/${etag}` } });
      expect([again.status, again.body, again.headers.etag]).toEqual([304, undefined, etag]);
      expect((await world.socket.get(path, { headers: { 'if-none-match': '"other"' } })).status).toBe(200);
    },
  );

  it('says what there is not', async () => {
    const unknown = await world.socket.get('/integrations/llm-providers/nobody');
    expect([unknown.status, unknown.body]).toEqual([404, { detail: 'LLM provider not found' }]);
    const wrong = await world.socket.get('/integrations/databases/anthropic');
    expect([wrong.status, wrong.body]).toEqual([
      400,
      { detail: '"databases" is not a type of integration; llm-providers is.' },
    ]);
  });

  it('has answered with every documented status', async () => {
    const routes = routesBelow(world.socket, '/integrations');
    expect(await commonStatuses(world, routes)).toEqual(expectedStatuses(routes));
    expect(world.socket.unseen('/integrations')).toEqual([]);
  });
});

import * as v from 'valibot';
import { parseSince } from '../../core/time.ts';
import { adviseOnCache } from '../../ledger/cache-advice/advise-on-cache.ts';
import { cacheAdviceJson, ttlSettingOf } from '../../status/cache-advice-json.ts';
import { route } from '../server/route.ts';
import { cacheAdviceSchema } from './shapes/cache-advice-shape.ts';
import { agentIdSchema } from './shapes/ids.ts';
import { sinceSchema } from './shapes/since-schema.ts';

/** What either lifetime of prompt caches would have cost. */
export const usageCacheRoute = route({
  method: 'GET',
  path: '/usage/cache',
  summary: 'Replay what prompt caches kept for 5 minutes and for 1 hour would have cost, by model.',
  role: 'admin',
  query: v.strictObject({
    agent: v.optional(agentIdSchema),
    since: sinceSchema,
  }),
  answers: { 200: cacheAdviceSchema },
  async handle({ management, query: { agent: agentId, since }, signal, reply }) {
    const { stores, now } = management;
    const { config } = management.config();
    const sinceMs = parseSince(since, now())!;
    const query = { sinceMs, agentId, ownPrices: config.models.prices, signal };
    const lines = await adviseOnCache(stores.database, query);
    const settingOf = ttlSettingOf(config, agentId);
    return reply(200, cacheAdviceJson(lines, { sinceMs, settingOf }) as CacheAdviceShown);
  },
});

type CacheAdviceShown = v.InferOutput<typeof cacheAdviceSchema>;

import * as v from 'valibot';
import { parseSince } from '../../core/time.ts';
import { USAGE_GROUPS, usageReport } from '../../ledger/usage-report.ts';
import { usageJson } from '../../status/usage-json.ts';
import { route } from '../server/route.ts';
import { agentIdSchema } from './shapes/ids.ts';
import { sinceSchema } from './shapes/since-schema.ts';
import { usageSchema } from './shapes/usage-shape.ts';

/** What was used and what it cost. */
export const usageRoutes = [
  route({
    method: 'GET',
    path: '/usage',
    summary: 'Report requests, tokens and dollars, as `moltbot usage --json` does.',
    role: 'admin',
    query: v.strictObject({
      agent: v.optional(agentIdSchema),
      by: v.optional(v.picklist(USAGE_GROUPS, 'Expected what a line is, such as agent, model or day'), 'agent'),
      since: sinceSchema,
    }),
    answers: { 200: usageSchema },
    handle({ management, query: { agent: agentId, by, since }, reply }) {
      const { stores } = management;
      const nowMs = management.now();
      const { models, timeZone } = management.config().config;
      const query = { sinceMs: parseSince(since, nowMs)!, nowMs, by, agentId, timeZone, ownPrices: models.prices };
      return reply(200, usageJson(usageReport(stores.database, query), query));
    },
  }),
];

import * as v from 'valibot';
import { parseSince } from '../../core/time.ts';
import { USAGE_GROUPS, usageReport } from '../../ledger/usage-report.ts';
import { usageJson } from '../../status/usage-json.ts';
import { route } from '../server/route.ts';
import { agentIdSchema } from './shapes/ids.ts';
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
      since: v.optional(
        v.pipe(
          v.string(),
          v.check((text) => parseSince(text, 0) !== undefined, 'Expected how far back (30d), or a time'),
          v.description('How far back (24h, 30d), or a time such as 2026-11-20T09:00Z; 30d unless said.'),
        ),
        '30d',
      ),
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

import { isDeepStrictEqual } from 'node:util';
import * as v from 'valibot';
import { agentNotFound } from '../../agents/change-agents.ts';
import { widenedBudgets } from '../../budgets/widened-budgets.ts';
import { applyEdits, type ConfigEdit } from '../../config/apply-edits.ts';
import { budgetEdits, isBudgetName } from '../../config/budget-edits.ts';
import { DEFAULT_ALERT_AT } from '../../config/budget-schema.ts';
import { checkConfig } from '../../config/check.ts';
import type { LoadedConfig } from '../../config/load.ts';
import type { BudgetConfig } from '../../config/schema.ts';
import { type BudgetOutlook, budgetNotFound, budgetOutlook, budgetOutlooks } from '../../status/budget-status.ts';
import { changeConfigFile } from '../edit-config.ts';
import type { Management } from '../management.ts';
import { pageFrom, pageOf, pageQuery } from '../server/page.ts';
import { route } from '../server/route.ts';
import { budgetInput, budgetOutlookSchema } from './shapes/budget-shape.ts';

const byName = v.strictObject({
  name: v.pipe(v.string(), v.check(isBudgetName, 'Expected a name: lower-case letters, digits and dashes, at most 63')),
});

/** Caps on what may be spent. They live in the config, which these routes edit. */
export const budgetRoutes = [
  route({
    method: 'GET',
    path: '/budgets',
    summary: 'List the budgets: cap, spent, reserved, left, and by how much each may be passed at worst.',
    role: 'admin',
    query: v.strictObject(pageQuery),
    answers: { 200: pageOf(budgetOutlookSchema) },
    handle({ management, query, reply }) {
      const { config } = management.config();
      const budgets = budgetOutlooks(management.stores, config, management.now()).map(shown);
      return reply(
        200,
        pageFrom(budgets, query, ({ name }) => name),
      );
    },
  }),
  route({
    method: 'GET',
    path: '/budgets/{name}',
    summary: 'Show a budget.',
    role: 'admin',
    params: byName,
    answers: { 200: budgetOutlookSchema },
    errors: [404],
    handle: ({ management, params, reply }) => reply(200, outlookOf(management, params.name)),
  }),
  route({
    method: 'PUT',
    path: '/budgets/{name}',
    summary: 'Set a budget as a whole, as the config has it; without a scope it is that of the agent of its name.',
    role: 'admin',
    params: byName,
    body: budgetInput,
    widens: ({ management, params: { name }, body }) =>
      widening(management, name, budgetEdits(management.config().raw, name, changeTo(body))),
    answers: { 200: budgetOutlookSchema },
    errors: [400, 404],
    handle({ management, by, params: { name }, body, reply }) {
      assertAgent(management, name, body);
      changeConfigFile(management, ({ raw }) => budgetEdits(raw, name, changeTo(body)), by);
      return reply(200, outlookOf(management, name));
    },
  }),
  route({
    method: 'DELETE',
    path: '/budgets/{name}',
    summary: 'Remove a budget; what was spent stays in the ledger.',
    role: 'admin',
    params: byName,
    widens: ({ management, params: { name } }) => widening(management, name, removal(management.config(), name)),
    answers: { 204: null },
    errors: [404],
    handle({ management, by, params: { name }, reply }) {
      if (removal(management.config(), name).length === 0) throw budgetNotFound(name);
      changeConfigFile(management, (loaded) => removal(loaded, name), by);
      return reply(204);
    },
  }),
];

/** Every key of a budget: what the body leaves out goes, and defaults are not written out. */
function changeTo({ scope, usd, tokens, requests, per, enforcement, alertAt, unpricedUsd }: BudgetConfig) {
  return {
    scope,
    usd,
    tokens,
    requests,
    per,
    enforcement: enforcement === 'soft' ? undefined : enforcement,
    alertAt: isDeepStrictEqual(alertAt, DEFAULT_ALERT_AT) ? undefined : alertAt,
    unpricedUsd,
  };
}

function removal({ config }: LoadedConfig, name: string): ConfigEdit[] {
  return Object.hasOwn(config.budgets, name) ? [{ path: ['budgets', name], value: undefined }] : [];
}

/** What the guard is asked for; undefined where the edits let nothing more be spent. */
function widening(management: Management, name: string, edits: readonly ConfigEdit[]): string | undefined {
  const { text } = management.config();
  const [before, after] = [checkConfig(text), checkConfig(applyEdits(text, edits))];
  const isWider = before.ok && after.ok && widenedBudgets(before.config, after.config).length > 0;
  return isWider ? `change the budget ${name}` : undefined;
}

/** A cap on a mistyped name would hold nothing. */
function assertAgent({ stores }: Management, name: string, { scope }: BudgetConfig): void {
  const agentId = scope === undefined ? name : scope === 'everything' ? undefined : scope.agent;
  if (agentId !== undefined && !stores.agents.has(agentId)) throw agentNotFound(agentId);
}

type Shown = v.InferOutput<typeof budgetOutlookSchema>;

function outlookOf(management: Management, name: string): Shown {
  return shown(budgetOutlook(management.stores, management.config().config, name, management.now()));
}

function shown({ alertAt, ...budget }: BudgetOutlook): Shown {
  return { ...budget, alertAt: [...alertAt] };
}

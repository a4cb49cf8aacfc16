import { type Budget, type BudgetScope, budgetsOf } from '../../budgets/budget.ts';
import { findModel } from '../../catalog/models.ts';
import { isUnstoredId, MAIN_AGENT } from '../../core/ids.ts';
import { printable } from '../../core/text.ts';
import type { DoctorContext, Finding } from './finding.ts';

/** Budgets that cap nothing, because what they are about is not there. */
export function checkBudgets({ app }: DoctorContext): Finding[] {
  const budgets = budgetsOf(app.config().config);
  const findings = budgets.flatMap((budget) => missing(app, budget.scope).map((what) => finding(budget, what)));
  if (findings.length > 0 || budgets.length === 0) return findings;
  return [{ check: 'budgets', level: 'ok', message: `Budgets: ${budgets.length}, all about what is there.` }];
}

function finding({ name }: Budget, what: string): Finding {
  return {
    check: 'budgets',
    level: 'warning',
    message: `Budget "${name}" counts ${printable(what)}, so it caps nothing.`,
    remedy: `See it: moltbot budget show ${name}. If nobody needs it: moltbot budget remove ${name}`,
  };
}

function missing(app: DoctorContext['app'], scope: BudgetScope): string[] {
  return [missingAgent(app, scope), missingProfile(app, scope), missingModel(app, scope)].flatMap((what) => what ?? []);
}

function missingAgent(app: DoctorContext['app'], { agentId }: BudgetScope): string | undefined {
  if (agentId === undefined || agentId === MAIN_AGENT || app.storesForReading()?.agents.has(agentId)) return undefined;
  return `the agent "${agentId}", which does not exist`;
}

function missingProfile(app: DoctorContext['app'], scope: BudgetScope): string | undefined {
  const { profileAgentId, profileId } = scope;
  if (profileAgentId === undefined || profileId === undefined || isUnstoredId(profileId)) return undefined;
  if (app.storesForReading()?.profiles.get(profileAgentId, profileId)) return undefined;
  return `the profile ${profileAgentId}/${profileId}, which does not exist`;
}

/** Of a provider that a person defined only they know the models. */
function missingModel(app: DoctorContext['app'], { provider: id, model }: BudgetScope): string | undefined {
  if (id === undefined || model === undefined) return undefined;
  const provider = app.providers().get(id);
  if (!provider) return `models of "${id}", a provider that does not exist`;
  if (!provider.builtIn || findModel(id, model)) return undefined;
  return `the model ${id}/${model}, which the catalog does not know`;
}

import type { App } from '../../app.ts';
import { type BudgetChange, isBudgetName } from '../../config/budget-edits.ts';
import { chooseModel } from '../../config/choose-model.ts';
import { formatModelRef } from '../../config/model-ref.ts';
import type { BudgetConfig } from '../../config/schema.ts';
import { MoltbotError } from '../../core/errors.ts';
import { isUnstoredId, MAIN_AGENT, parseAgentId, parseServingId } from '../../core/ids.ts';
import { printable } from '../../core/text.ts';
import { agentOf } from '../base-command.ts';
import { labelFrom } from '../run/label-flag.ts';
import { type AmountWords, amountFrom, ceilingFrom, sharesFrom } from './budget-flags.ts';

/** What was typed of a budget. */
export interface BudgetWords extends AmountWords {
  readonly per?: BudgetConfig['per'] | undefined;
  readonly hard: boolean;
  readonly soft: boolean;
  readonly everything: boolean;
  readonly agent?: string | undefined;
  readonly profile?: string | undefined;
  readonly model?: string | undefined;
  readonly label?: string | undefined;
  readonly 'alert-at'?: readonly string[] | undefined;
  readonly 'unpriced-usd'?: string | undefined;
}

type ScopeParts = Exclude<NonNullable<BudgetConfig['scope']>, 'everything'>;

/** The budget's name: the typed one, else `everything`, else that of the agent. USAGE where neither says it. */
export function budgetName(typed: string | undefined, words: BudgetWords): string {
  if (typed !== undefined) return parseBudgetName(typed);
  if (words.everything) return 'everything';
  const isOther = [words.profile, words.model, words.label].some((part) => part !== undefined);
  if (!isOther || words.agent !== undefined) return agentOf(words);
  throw new MoltbotError('USAGE', 'This budget needs a name.', {
    hint: 'For example: moltbot budget set opus --model opus --usd 20 --per week',
  });
}

/** USAGE for what cannot be the name of a budget. */
function parseBudgetName(text: string): string {
  if (isBudgetName(text)) return text;
  throw new MoltbotError('USAGE', `"${printable(text.slice(0, 60))}" is not a name of a budget.`, {
    hint: 'Names are lower-case letters, digits and dashes, at most 63.',
  });
}

/**
 * What the words change of a budget: `before` undefined for a new one, which needs an amount and a window. USAGE,
 * AGENT_NOT_FOUND, PROFILE_NOT_FOUND, MODEL_NOT_FOUND.
 */
export function budgetChange(
  app: App,
  name: string,
  words: BudgetWords,
  before: BudgetConfig | undefined,
): BudgetChange {
  const amount = amountFrom(words);
  const change = {
    ...scopeChange(app, name, words, before),
    ...amount,
    ...(words.per !== undefined && { per: words.per }),
    ...((words.hard || words.soft) && { enforcement: words.hard ? ('hard' as const) : undefined }),
    ...(words['alert-at'] && { alertAt: sharesFrom(words['alert-at']) }),
    ...('tokens' in amount && amount.usd === undefined && { unpricedUsd: undefined }),
    ...(words['unpriced-usd'] !== undefined && { unpricedUsd: ceilingFrom(words['unpriced-usd']) }),
  };
  if (!before && (!('usd' in amount) || words.per === undefined)) {
    throw new MoltbotError('USAGE', `A new budget needs an amount and a window; "${name}" is not there yet.`, {
      hint: `For example: moltbot budget set ${name} --usd 5 --per day. See the budgets: moltbot budget list`,
    });
  }
  if (Object.keys(change).length > 0) return change;
  throw new MoltbotError('USAGE', `There is nothing to change of budget "${name}".`, {
    hint: `Name what changes: moltbot budget set ${name} --usd 10`,
  });
}

function scopeChange(app: App, name: string, words: BudgetWords, before: BudgetConfig | undefined) {
  if (words.everything) return { scope: 'everything' as const };
  const typed = typedParts(app, words);
  const isTyped = Object.keys(typed).length > 0;
  if (!isTyped && !before) assertAgent(app, name, `Say what "${name}" counts: --everything, --agent, --model, …`);
  if (!isTyped) return {};
  const scope = { ...partsOf(name, before), ...typed };
  const isDefault = scope.agent === name && Object.keys(scope).length === 1;
  return { scope: isDefault ? undefined : scope };
}

/** What a budget counts before the change, part by part. */
function partsOf(name: string, before: BudgetConfig | undefined): ScopeParts {
  if (!before || before.scope === 'everything') return {};
  return before.scope ?? { agent: name };
}

function typedParts(app: App, { agent, profile, model, label }: BudgetWords): ScopeParts {
  if (agent !== undefined) assertAgent(app, parseAgentId(agent), `Add it: moltbot agents add ${agent}`);
  if (profile !== undefined) assertProfile(app, profile);
  const ref = model === undefined ? undefined : chooseModel(app.config().config, app.providers(), model, false);
  return {
    ...(agent !== undefined && { agent }),
    ...(profile !== undefined && { profile }),
    ...(ref && { model: formatModelRef(ref) }),
    ...(label !== undefined && { label: labelFrom(label)! }),
  };
}

/** A cap on a mistyped name would hold nothing. */
function assertAgent(app: App, agentId: string, hint: string): void {
  if (agentId === MAIN_AGENT || app.storesForReading()?.agents.has(agentId)) return;
  throw new MoltbotError('AGENT_NOT_FOUND', `There is no agent "${agentId}".`, { hint });
}

function assertProfile(app: App, text: string): void {
  const { ownerAgentId, profileId } = parseServingId(text);
  if (ownerAgentId === undefined) {
    throw new MoltbotError('USAGE', `--profile takes a profile with its owner.`, {
      hint: `For example: --profile ${MAIN_AGENT}/${profileId}`,
    });
  }
  if (isUnstoredId(profileId) || app.storesForReading()?.profiles.get(ownerAgentId, profileId)) return;
  throw new MoltbotError('PROFILE_NOT_FOUND', `Agent "${ownerAgentId}" has no profile ${profileId}.`, {
    hint: `See the profiles: moltbot models auth list --agent ${ownerAgentId}`,
  });
}

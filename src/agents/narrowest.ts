import { canonicalModel } from './decide.ts';
import type { Policy } from './policy.ts';

/**
 * What is left where both policies hold: for people and clients to read. Decisions ask each policy by itself
 * (`decide.ts`).
 */
export function narrowest(a: Policy, b: Policy): Policy {
  const providers = both(a.providers, b.providers);
  const models = bothModels(a.models, b.models);
  const routes = both(a.routes, b.routes);
  const requestsPerMinute = least(a.requestsPerMinute, b.requestsPerMinute);
  const concurrency = least(a.concurrency, b.concurrency);
  return {
    ...(providers && { providers }),
    ...(models && { models }),
    ...(routes && { routes }),
    ...(requestsPerMinute !== undefined && { requestsPerMinute }),
    ...(concurrency !== undefined && { concurrency }),
  };
}

function both<T>(a: readonly T[] | undefined, b: readonly T[] | undefined): T[] | undefined {
  if (!a || !b) return a || b ? [...(a ?? b!)] : undefined;
  return a.filter((each) => b.includes(each));
}

/** `anthropic/*` and `anthropic/claude-haiku-4-5` have the second in common. */
function bothModels(a: readonly string[] | undefined, b: readonly string[] | undefined): string[] | undefined {
  const [left, right] = [a?.map(spelling), b?.map(spelling)];
  if (!left || !right) return both(left, right);
  const covers = (list: readonly string[], model: string) =>
    list.includes(model) || list.includes(`${model.slice(0, model.indexOf('/'))}/*`);
  return [
    ...new Set([...left.filter((model) => covers(right, model)), ...right.filter((model) => covers(left, model))]),
  ];
}

function spelling(model: string): string {
  return canonicalModel(model) ?? model;
}

function least(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Math.min(a, b);
}

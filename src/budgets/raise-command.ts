import { dollars } from '../core/usd.ts';
import type { Budget } from './budget.ts';

/** What a person types to go on before the window ends: twice as much. */
export function raiseCommand({ name, unit, amount }: Pick<Budget, 'name' | 'unit' | 'amount'>): string {
  const twice = amount * 2;
  if (unit !== 'nanoUsd') return `moltbot budget set ${name} --${unit} ${twice || 1}`;
  return `moltbot budget set ${name} --usd ${twice === 0 ? 1 : dollars(twice).slice(1).replace(/\.00$/, '')}`;
}

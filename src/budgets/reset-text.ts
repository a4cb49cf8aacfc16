import { formatInZone } from '../core/time.ts';
import type { BudgetWindow } from './budget.ts';

/** When a window begins anew, as a sentence: `It resets at 2026-11-22 00:00 Europe/Berlin.` */
export function resetText(per: BudgetWindow, endMs: number | null, timeZone: string): string {
  if (endMs === null) return 'It does not reset by itself.';
  if (per === '30d') return 'It counts the last 30 days and opens as they pass.';
  return `It resets at ${formatInZone(endMs, timeZone)}.`;
}

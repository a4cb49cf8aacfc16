/** What stands in one budget while requests run; all figures in the budget's unit. */
export interface Standing {
  readonly amount: number;
  readonly isHard: boolean;
  readonly spent: number;
  /** By requests under way. */
  readonly reserved: number;
}

/** What one request wants of one budget. */
export interface Claim<Account extends Standing> {
  readonly account: Account;
  /** What such a request usually takes. */
  readonly usual: number;
  /** The most it can take; of a soft budget it is not asked. */
  readonly bound: number;
}

export type Verdict<Account extends Standing> =
  /** What to hold in each, in the order of the claims. */
  | { readonly kind: 'fits'; readonly amounts: readonly number[] }
  /** Everything is spent. */
  | { readonly kind: 'used_up'; readonly account: Account }
  /** What is left is less than this request may take. */
  | { readonly kind: 'too_small'; readonly account: Account; readonly bound: number }
  /** It would fit if others were through. */
  | { readonly kind: 'busy'; readonly account: Account };

/**
 * Whether a request may go out under all the budgets that cover it: in all or in none. A hard budget holds the worst
 * case. A soft one holds the usual case and serves to its last cent: where nobody else holds anything, whatever is left
 * is enough for one request.
 */
export function verdictOn<Account extends Standing>(claims: readonly Claim<Account>[]): Verdict<Account> {
  const usedUp = claims.find(({ account }) => isUsedUp(account));
  if (usedUp) return { kind: 'used_up', account: usedUp.account };
  const tooSmall = claims.find(({ account, bound }) => account.isHard && account.spent + bound > account.amount);
  if (tooSmall) return { kind: 'too_small', account: tooSmall.account, bound: tooSmall.bound };
  const amounts = claims.map(holdOf);
  const busy = amounts.indexOf(undefined);
  if (busy >= 0) return { kind: 'busy', account: claims[busy]!.account };
  return { kind: 'fits', amounts: amounts as number[] };
}

/** Everything is spent; a budget of nothing is used up from the start. */
export function isUsedUp({ spent, amount }: Pick<Standing, 'spent' | 'amount'>): boolean {
  return spent >= amount;
}

/** Undefined: other requests hold too much. */
function holdOf({ account, usual, bound }: Claim<Standing>): number | undefined {
  const { amount, isHard, spent, reserved } = account;
  const wanted = isHard ? bound : usual;
  const left = amount - spent - reserved;
  if (wanted <= left) return wanted;
  return !isHard && reserved === 0 ? left : undefined;
}

export type AlertKind =
  /** A share of a budget is spent (`alertAt`). */
  | 'budget.threshold'
  | 'budget.used_up'
  /** A used-up budget has room again. */
  | 'budget.open'
  /** No profile of a provider is left to an agent, because of the provider's own spend limit. */
  | 'agent.provider_spend_limit'
  | 'agent.provider_spend_limit_over'
  | 'profile.disabled'
  | 'disk.low'
  | 'disk.enough'
  /** Asked for with `moltbot alerts test`. */
  | 'test';

/** Something people want to know of before they look. */
export interface Alert {
  readonly kind: AlertKind;
  readonly atMs: number;
  /**
   * What it is about: `main-daily at 80 %`. One kind and subject is told once in a minute, so what should be told
   * apart must differ here.
   */
  readonly subject: string;
  /** One sentence for people. */
  readonly text: string;
  /** The facts for programs: names and numbers, never a secret, never text from outside. */
  readonly detail: AlertDetail;
}

export type AlertDetail = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

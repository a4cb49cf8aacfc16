import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TokenPolicy } from '../../../src/agents/policy.ts';
import { AuditLog } from '../../../src/audit/audit-log.ts';
import { claimOf } from '../../../src/budgets/estimate.ts';
import { covers } from '../../../src/budgets/scope.ts';
import { type Spent, spentSince } from '../../../src/budgets/spent.ts';
import { takenBy } from '../../../src/budgets/taken.ts';
import type { SpendingToken } from '../../../src/budgets/token-budget.ts';
import { spentByTokens } from '../../../src/budgets/token-spent.ts';
import type { Config } from '../../../src/config/schema.ts';
import { withDefaults } from '../../../src/config/with-defaults.ts';
import { HOUR_MS } from '../../../src/core/time.ts';
import { Database } from '../../../src/database/database.ts';
import type { BudgetAccount, Holder } from '../../../src/gateway/budget/budget-account.ts';
import type { BudgetBook } from '../../../src/gateway/budget/budget-book.ts';
import { openBudgets } from '../../../src/gateway/budget/open-budgets.ts';
import { Ledger, type LedgerEntry } from '../../../src/ledger/ledger.ts';
import { LedgerStore } from '../../../src/ledger/ledger-store.ts';
import { admission, BOOKING } from '../../ledger/samples.ts';

const budgets = (raw: unknown) => withDefaults({ budgets: raw, timeZone: 'Europe/Berlin' }).config;
const MODEL = 'claude-opus-4-5';

/** Each change of the configuration adds, drops, raises, hardens or widens something. */
const CONFIGS: readonly Config[] = [
  budgets({
    all: { scope: 'everything', usd: 20, per: 'day', enforcement: 'hard' },
    main: { usd: 12, per: 'day' },
    web: { scope: { label: 'web' }, requests: 30, per: 'total' },
  }),
  budgets({
    all: { scope: 'everything', usd: 40, per: 'day', enforcement: 'hard' },
    main: { usd: 12, per: 'day', enforcement: 'hard' },
    rolling: { scope: { agent: 'main', model: MODEL }, tokens: 400, per: '30d' },
  }),
  budgets({
    web: { scope: { label: 'web' }, requests: 60, per: 'total' },
    work: { scope: { profile: 'main/anthropic:work' }, usd: 9, per: 'week', enforcement: 'hard' },
  }),
  budgets({}),
];

const POLICIES: Readonly<Record<string, TokenPolicy>> = {
  free: {},
  soft: { budget: { usd: 5, enforcement: 'soft' } },
  hard: { budget: { usd: 8, enforcement: 'hard' } },
  few: { budget: { requests: 9, enforcement: 'hard' } },
};
const KINDS = Object.keys(POLICIES);
const tokenOf = (agentId: string, kind: string): SpendingToken => {
  return { accessor: `acc_${agentId}_${kind}`, agentId, createdAtMs: 0, policy: POLICIES[kind]! };
};
const TOKENS = ['main', 'other'].flatMap((agentId) => KINDS.map((kind) => tokenOf(agentId, kind)));

const step = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('ask' as const),
      agentId: fc.constantFrom('main', 'other'),
      label: fc.constantFrom('web', null),
      tokenKind: fc.constantFrom(...KINDS),
      profileId: fc.constantFrom('anthropic:work', 'anthropic:home'),
      model: fc.constantFrom(MODEL, 'claude-haiku-4-5'),
      usual: fc.integer({ min: 0, max: 2_000_000_000 }),
      above: fc.integer({ min: 0, max: 3_000_000_000 }),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('end' as const),
      which: fc.nat(50),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      how: fc.constantFrom('booked', 'refused', 'lost', 'unpriced', 'unsent'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('pass' as const), hours: fc.integer({ min: 1, max: 40 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('configure' as const), to: fc.nat(CONFIGS.length - 1) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

interface Running {
  readonly holder: Holder;
  readonly entry: LedgerEntry;
}

/** A book over a real ledger, driven one step at a time. */
class Trial implements Disposable {
  readonly #home = mkdtempSync(join(tmpdir(), 'moltbot-book-'));
  readonly #database = Database.open(join(this.#home, 'state.sqlite'));
  readonly #book: BudgetBook;
  readonly #ledger: Ledger;
  readonly #running: Running[] = [];
  readonly #closing: Running[] = [];
  readonly #settled = new Set<number>();
  #config = CONFIGS[0]!;
  #nowMs = Date.UTC(2026, 9, 23, 10);
  #asked = 0;
  /** The most that one hard budget had spent and held. */
  readonly passed: string[] = [];

  constructor() {
    const persist = (write: () => void) => write();
    const stores = { database: this.#database, audit: new AuditLog(this.#database) };
    const now = () => this.#nowMs;
    this.#book = openBudgets({ config: () => this.#config, stores, persist, tell: () => {}, now }).budgets;
    this.#ledger = new Ledger(this.#database, new LedgerStore(this.#database), (row) => {
      this.#settled.add(row.id);
      this.#book.completed(row);
    });
  }

  async take(each: Step): Promise<void> {
    if (each.kind === 'pass') {
      this.#nowMs += each.hours * HOUR_MS;
      this.#book.prune(this.#nowMs);
    } else if (each.kind === 'configure') this.#config = CONFIGS[each.to]!;
    else if (each.kind === 'end') this.#end(each);
    else await this.#ask(each);
  }

  /** What the book says of each budget beside what the ledger says, and what is held beside what runs. */
  check(): void {
    const ofTokens = spentByTokens(this.#database, TOKENS);
    for (const account of this.#accounts()) {
      const { budget, spent, reserved, amount, isHard } = account;
      expect([budget.name, spent]).toEqual([budget.name, this.#inLedger(account, ofTokens)]);
      if (isHard) expect([budget.name, reserved]).toEqual([budget.name, this.#worstOfRunning(account)]);
      else expect(reserved).toBeGreaterThanOrEqual(0);
      // What was let out while the cap was higher, or soft, may be above it; nothing is let out then.
      if (isHard && spent + reserved > amount) this.passed.push(budget.name);
    }
  }

  endAll(): void {
    while (this.#running.length > 0) this.#end({ kind: 'end', which: 0, share: 1, how: 'booked' });
    this.#ledger.flush();
    this.check();
    for (const { reserved } of this.#accounts()) expect(reserved).toBe(0);
  }

  #inLedger({ budget, window }: BudgetAccount, ofTokens: ReadonlyMap<string, Spent>): number {
    if (budget.accessor === undefined) return spentSince(this.#database, budget, window.startMs)[budget.unit];
    return ofTokens.get(budget.accessor)?.[budget.unit] ?? 0;
  }

  #worstOfRunning({ budget, window }: BudgetAccount): number {
    const running = this.#running
      .concat(this.#closing)
      .filter(({ holder, entry }) => !this.#settled.has(entry.id) && holder.admittedAtMs >= window.startMs);
    const covered = running.filter(({ holder: { spender, token } }) =>
      budget.accessor === undefined ? covers(budget.scope, spender) : budget.accessor === token.accessor,
    );
    return covered.reduce((sum, { holder }) => sum + claimOf(budget, holder.estimate)!.bound, 0);
  }

  #accounts() {
    const spenders = ['main', 'other'].flatMap((agentId) =>
      ['anthropic:work', 'anthropic:home'].map((profileId) => ({ agentId, profileId })),
    );
    const rest = { profileAgentId: 'main', provider: 'anthropic', model: MODEL, label: 'web' };
    const found = spenders.flatMap((spender) => this.#book.covering({ ...spender, ...rest }, TOKENS[0]!));
    const ofTokens = TOKENS.flatMap((token) => this.#book.ofToken(token) ?? []);
    return new Set([...found, ...ofTokens]);
  }

  async #ask({
    agentId,
    label,
    tokenKind,
    profileId,
    model,
    usual,
    above,
  }: Extract<Step, { kind: 'ask' }>): Promise<void> {
    const spender = { agentId, label, profileId, profileAgentId: 'main', provider: 'anthropic', model };
    const estimate = {
      boundNanoUsd: usual + above,
      usualNanoUsd: usual,
      boundTokens: 40,
      usualTokens: 12,
      unknown: undefined,
    };
    const token = tokenOf(agentId, tokenKind);
    const holder = { admittedAtMs: this.#nowMs, spender, token, estimate };
    if (this.#book.hold(holder).kind !== 'fits') return;
    this.#asked += 1;
    const row = {
      ...admission(this.#asked),
      ...this.#book.reservedBy(holder),
      admittedAtMs: this.#nowMs,
      agentId,
      accessor: token.accessor,
      profileId,
      tokenLabel: label,
      modelServed: model,
    };
    const admitted = this.#ledger.admit(row);
    this.#ledger.flush();
    const entry = await admitted;
    this.#book.letOut(holder, entry.id);
    this.#running.push({ holder, entry });
  }

  #end({ which, share, how }: Extract<Step, { kind: 'end' }>): void {
    if (how === 'unsent' || this.#running.length === 0) return;
    const [running] = this.#running.splice(which % this.#running.length, 1) as [Running];
    this.#closing.push(running);
    const { holder, entry } = running;
    const costNanoUsd = how === 'unpriced' ? null : Math.floor(share * holder.estimate.boundNanoUsd!);
    entry.status = how === 'refused' ? 429 : how === 'lost' ? null : 200;
    if (how === 'booked' || how === 'unpriced') entry.booking = { ...BOOKING, costNanoUsd };
    const outcome = how === 'refused' ? 'rate_limited' : how === 'lost' ? 'broken' : 'ok';
    this.#ledger.close(entry, { outcome, endedAtMs: this.#nowMs });
  }

  [Symbol.dispose](): void {
    this.#database.close();
    rmSync(this.#home, { recursive: true, force: true });
  }
}

describe('BudgetBook', () => {
  it('says what the ledger says, whatever runs, ends, is changed, or rolls over', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 120 }), async (steps) => {
        using trial = new Trial();
        for (const each of steps) {
          await trial.take(each);
          trial.check();
        }
        trial.endAll();
      }),
      { numRuns: 40 },
    );
  });

  it('never lets a hard budget be passed while its configuration stays', async () => {
    const still = fc.array(
      step.filter(({ kind }) => kind !== 'configure'),
      { minLength: 40, maxLength: 150 },
    );
    await fc.assert(
      fc.asyncProperty(still, async (steps) => {
        using trial = new Trial();
        for (const each of steps) {
          await trial.take(each);
          trial.check();
        }
        trial.endAll();
        expect(trial.passed).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  it('counts of a row what the sums of the ledger count', () => {
    expect(takenBy({ booking: BOOKING, heldNanoUsd: null, heldTokens: null })).toEqual({
      nanoUsd: 20_000,
      tokens: 12,
      requests: 1,
    });
    expect(takenBy({ booking: null, heldNanoUsd: 7, heldTokens: 3 })).toEqual({ nanoUsd: 7, tokens: 3, requests: 1 });
    expect(takenBy({ booking: null, heldNanoUsd: null, heldTokens: null })).toEqual({
      nanoUsd: 0,
      tokens: 0,
      requests: 0,
    });
  });
});

import type { CooldownConfig } from '../../config/schema.ts';
import type { HealthStore } from '../../profiles/health-store.ts';
import { isForgotten, nextStates, type Occurrence } from '../../rotation/cooldown.ts';
import type { HealthState, Judgement } from '../../rotation/types.ts';

/**
 * The health of all profiles as the gateway sees it: in memory for choosing, in the database before the next attempt
 * goes out, so that a restart changes no decision. Half-open slots are in memory only.
 */
export class HealthBook {
  readonly #store: HealthStore;
  readonly #persist: (write: () => void) => void;
  #states: HealthState[] = [];
  /** Slots in use, by scope key. */
  readonly probing = new Set<string>();

  /** `persist` runs a write now, or again soon when the database is busy. */
  constructor(store: HealthStore, persist: (write: () => void) => void) {
    this.#store = store;
    this.#persist = persist;
    this.reload();
  }

  get states(): readonly HealthState[] {
    return this.#states;
  }

  /** Reads everything again: a person may have reset or tested a profile. */
  reload(): void {
    this.#states = this.#store.list();
  }

  hold(slots: readonly string[]): void {
    for (const slot of slots) this.probing.add(slot);
  }

  release(slots: readonly string[]): void {
    for (const slot of slots) this.probing.delete(slot);
  }

  /** Takes in what an answer meant. Gives the states that are new, for the log. */
  note(judgement: Judgement, occurrence: Occurrence, nowMs: number): HealthState[] {
    const changes = nextStates(this.#states, judgement, occurrence, nowMs);
    const added: HealthState[] = [];
    for (const change of changes) {
      const scope = change.kind === 'set' ? change.state : change.scope;
      this.#states = this.#states.filter((state) => !isSameScope(state, scope));
      if (change.kind === 'set') {
        this.#states.push(change.state);
        added.push(change.state);
      }
      this.#persist(() => {
        if (change.kind === 'set') this.#store.put(change.state);
        else this.#store.clear(scope.agentId, scope.profileId, scope.model);
      });
    }
    return added;
  }

  /** A passed test: everything that is known against a profile is over. */
  clear(agentId: string, profileId: string): void {
    this.#states = this.#states.filter((state) => state.agentId !== agentId || state.profileId !== profileId);
    this.#persist(() => this.#store.clearAll(agentId, profileId));
  }

  /** Deletes what has become history. */
  forget(config: CooldownConfig, nowMs: number): void {
    for (const state of this.#states.filter((each) => isForgotten(each, config, nowMs))) {
      this.#states = this.#states.filter((other) => other !== state);
      this.#persist(() => this.#store.clear(state.agentId, state.profileId, state.model));
    }
  }
}

function isSameScope(a: Pick<HealthState, 'agentId' | 'profileId' | 'model'>, b: typeof a): boolean {
  return a.agentId === b.agentId && a.profileId === b.profileId && a.model === b.model;
}

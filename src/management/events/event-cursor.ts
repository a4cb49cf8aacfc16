import { alertJson } from '../../alerts/alert-json.ts';
import type { AlertStore } from '../../alerts/alert-store.ts';
import type { AuditAction, AuditLog, AuditRow } from '../../audit/audit-log.ts';
import type { ConfigReload } from '../../gateway/gateway.ts';
import type { AgentSpendLimit } from '../../gateway/state/spend-limits.ts';
import { toUnusable } from '../../rotation/describe.ts';
import { PROVIDER_SPEND_LIMIT } from '../../rotation/spend-limit.ts';
import type { HealthState } from '../../rotation/types.ts';
import { isClosed, scopeKey } from '../../rotation/window.ts';
import { pauseByLimit } from '../../status/agent-pause.ts';
import { storyJson } from '../../status/story.ts';
import type { StreamedEvent } from './sse-text.ts';

/** Where events come from. Each is looked at, none is told: what another process wrote is found like our own. */
export interface EventSources {
  readonly audit: Pick<AuditLog, 'after' | 'lastSeq'>;
  readonly alerts: Pick<AlertStore, 'after' | 'lastSeq'>;
  readonly healthStates: () => readonly HealthState[];
  readonly lastReload: () => ConfigReload | undefined;
  readonly spendLimits: () => readonly AgentSpendLimit[];
}

/** What the gateway writes of budgets is told under its own name, too. */
const BUDGET_ACTIONS: readonly string[] = ['budget.used_up', 'budget.opened'] satisfies AuditAction[];
/** Rows read at a time. */
const MOST_ROWS = 100;

/**
 * How far one listener has come. Audit rows carry ids and are taken up where a listener left; alerts are told from now on
 * (`GET /alerts` has those before); the health of profiles is a state, and so is whom a provider's spend limit pauses: told
 * whole to a new listener and by its changes from then on. A listener that is slow misses no row, because
 * rows wait in the database and nowhere else.
 */
export class EventCursor {
  readonly #sources: EventSources;
  #afterSeq: number;
  #afterAlert: number;
  #unusable = new Map<string, HealthState>();
  #limits = new Map<string, AgentSpendLimit>();
  #reload: ConfigReload | undefined;

  /** `afterSeq` undefined: from now on. One that is not there yet (another database) counts as now. */
  constructor(sources: EventSources, afterSeq: number | undefined) {
    this.#sources = sources;
    const lastSeq = sources.audit.lastSeq();
    this.#afterSeq = Math.min(afterSeq ?? lastSeq, lastSeq);
    this.#afterAlert = sources.alerts.lastSeq();
    this.#reload = sources.lastReload();
  }

  /** What happened since the last call, in this order: audit, alerts, health, pauses, configuration. */
  next(nowMs: number): StreamedEvent[] {
    return [
      ...this.#rows(),
      ...this.#alerts(),
      ...this.#healthChanges(nowMs),
      ...this.#pauseChanges(nowMs),
      ...this.#reloads(),
    ];
  }

  #rows(): StreamedEvent[] {
    const rows = this.#sources.audit.after({ afterSeq: this.#afterSeq, limit: MOST_ROWS });
    this.#afterSeq = rows.at(-1)?.seq ?? this.#afterSeq;
    return rows.flatMap((row) => [
      ...budgetEvent(row),
      { id: row.seq, event: 'audit', data: storyJson({ kind: 'decision', atMs: row.atMs, row }) },
    ]);
  }

  #alerts(): StreamedEvent[] {
    const rows = this.#sources.alerts.after({ afterSeq: this.#afterAlert, limit: MOST_ROWS });
    this.#afterAlert = rows.at(-1)?.seq ?? this.#afterAlert;
    return rows.map((row) => ({ event: 'alert', data: alertJson(row) }));
  }

  #healthChanges(nowMs: number): StreamedEvent[] {
    const before = this.#unusable;
    const closed = this.#sources.healthStates().filter((state) => isClosed(state, nowMs));
    const after = new Map(closed.map((state) => [scopeKey(state), state]));
    this.#unusable = after;
    const begun = [...after].filter(([scope, state]) => isOther(before.get(scope), state));
    const over = [...before].filter(([scope]) => !after.has(scope));
    return [
      ...begun.map(([, state]) => ({
        event: 'profile.unusable',
        data: { agentId: state.agentId, ...toUnusable(state, nowMs) },
      })),
      ...over.map(([, { agentId, profileId, model }]) => ({
        event: 'profile.usable',
        data: { agentId, profileId, ...(model !== null && { model }) },
      })),
    ];
  }

  #pauseChanges(nowMs: number): StreamedEvent[] {
    const before = this.#limits;
    const limits = this.#sources.spendLimits();
    this.#limits = new Map(limits.map((limit) => [`${limit.agentId}/${limit.provider}`, limit]));
    const begun = limits.filter(({ agentId, provider }) => !before.has(`${agentId}/${provider}`));
    const over = [...before].flatMap(([place, limit]) => (this.#limits.has(place) ? [] : [limit]));
    return [
      ...begun.map((limit) => ({
        event: 'agent.paused',
        data: { agentId: limit.agentId, ...pauseByLimit(limit, true, nowMs) },
      })),
      ...over.map(({ agentId, provider }) => ({
        event: 'agent.resumed',
        data: { agentId, cause: PROVIDER_SPEND_LIMIT, provider },
      })),
    ];
  }

  #reloads(): StreamedEvent[] {
    const reload = this.#sources.lastReload();
    if (!reload || reload === this.#reload) return [];
    this.#reload = reload;
    const { refusedWith, atMs, changed, needsRestart } = reload;
    if (refusedWith !== null) return [{ event: 'config.refused', data: { at: atMs, code: refusedWith } }];
    return [{ event: 'config.reloaded', data: { at: atMs, changed, needsRestart } }];
  }
}

/** Before its row, and without an id: who lost the connection between them gets both again. */
function budgetEvent({ actor, action, subject, atMs, detail }: AuditRow): StreamedEvent[] {
  if (actor !== 'gateway' || !BUDGET_ACTIONS.includes(action)) return [];
  return [{ event: action, data: { budget: subject, at: atMs, ...detail } }];
}

function isOther(before: HealthState | undefined, now: HealthState): boolean {
  return !before || before.kind !== now.kind || before.reason !== now.reason || before.untilMs !== now.untilMs;
}

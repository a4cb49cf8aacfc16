import type { AuditAction, AuditDetail, AuditRow } from '../../audit/audit-log.ts';
import { printable } from '../../core/text.ts';
import { formatDuration } from '../../core/time.ts';
import type { LedgerRow } from '../../ledger/ledger-row.ts';
import type { StoryItem } from '../../status/story.ts';

/** Verb and object of each action; `$` stands for the subject. What else is known follows in brackets. */
const PHRASES: Readonly<Record<AuditAction, string>> = {
  'agent.added': 'added the agent $',
  'agent.changed': 'changed the agent $',
  'agent.removed': 'removed the agent $',
  'agent.unenrolled': 'unenrolled the agent $',
  'agent.paused': 'paused $',
  'agent.resumed': 'resumed $',
  'agent_key.created': 'made a key for the agent $',
  'agent_key.replaced': 'replaced the key of the agent $',
  'token.issued': 'issued the token $',
  'token.renewed': 'renewed the token $',
  'token.revoked': 'revoked the token $',
  'enrollment.asked': 'asked for the enrolment of $',
  'enrollment.approved': 'approved the enrolment of $',
  'enrollment.denied': 'denied the enrolment of $',
  'enrollment.collected': 'collected the enrolment of $',
  'credential.stored': 'stored the credential $',
  'credential.replaced': 'replaced the credential $',
  'credential.changed': 'changed the credential $',
  'credential.removed': 'removed the credential $',
  'credential.renamed': 'renamed the credential $',
  'credential.reset': 'reset the credential $',
  'credential.test_asked': 'asked for a test of the credential $',
  'credential.granted': 'granted the credential $',
  'credential.grant_ended': 'ended the grant of the credential $',
  'admin_key.created': 'made the admin key $',
  'admin_key.revoked': 'revoked the admin key $',
  'guard.set': 'set the guard passphrase',
  'guard.removed': 'removed the guard passphrase',
  'guard.refused': 'gave a wrong guard passphrase for $',
  'config.changed': 'changed the configuration $',
  'catalog.loaded': 'loaded models and prices as of $',
  'catalog.reset': 'went back to the shipped models and prices as of $',
  'budget.used_up': 'stopped requests under the budget $, which is used up',
  'budget.opened': 'let requests out again under the budget $',
  'gateway.started': 'started at $',
  'gateway.stopped': 'stopped at $',
  'request.refused': 'refused a request of $',
  'ledger.pruned': 'let the completed requests $ go, which were old enough',
  'ledger.anchored': 'vouched for the completed requests $',
  'audit.broken': 'found that row $ of the audit has lost its seal, and sealed nothing after it',
};

/** What the gateway does to a file that a person changed. */
const TOOK_OVER = 'took over what changed in $';

/** Facts that are times are shown as such. */
const TIME = /AtMs$/;

/** `09:12:03 alice approved the enrolment of reviewer (code: WXYZ-1234)`, safe for a terminal. */
export function sentenceOf(item: StoryItem): string {
  const text = item.kind === 'decision' ? decision(item.row) : request(item.row);
  return printable(`${timeOf(item.atMs)} ${text}`);
}

/** `2026-11-21`, for the line before the first item of a day (UTC). */
export function dayOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}

function timeOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(11, 19);
}

function decision({ actor, action, subject, detail }: AuditRow): string {
  const { count, ...rest } = detail;
  const times =
    typeof count === 'number' && action === 'request.refused' ? { times: count } : count !== undefined && { count };
  const isTakenOver = action === 'config.changed' && actor === 'gateway';
  const template: string | undefined = isTakenOver ? TOOK_OVER : PHRASES[action as AuditAction];
  const phrase = template?.replace('$', () => (subject === '*' ? 'everything' : subject));
  return `${whoOf(actor)} ${phrase ?? `${action} ${subject}`}${facts({ ...rest, ...times })}`;
}

/** `person:alice` → alice; `gateway` → the gateway. */
function whoOf(actor: string): string {
  const [kind, name] = [actor.slice(0, actor.indexOf(':')), actor.slice(actor.indexOf(':') + 1)];
  if (kind === 'person') return name;
  if (kind === 'agent') return `agent ${name}`;
  if (kind === 'admin') return `admin key ${name}`;
  return `the ${name}`;
}

function facts(detail: AuditDetail): string {
  const known = Object.entries(detail).filter(([, value]) => value !== null && value !== undefined && value !== '');
  if (known.length === 0) return '';
  const texts = known.map(([name, value]) => `${wordsOf(name)}: ${factText(name, value)}`);
  return ` (${texts.join(', ')})`;
}

/** `expiresAtMs` → expires. */
function wordsOf(name: string): string {
  return name.replace(TIME, '').replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function factText(name: string, value: AuditDetail[string]): string {
  if (typeof value === 'number' && TIME.test(name)) return new Date(value).toISOString().slice(0, 19).replace('T', ' ');
  return Array.isArray(value) ? value.join(' ') || 'none' : String(value);
}

function request(row: LedgerRow): string {
  const what = row.modelAsked ?? row.route;
  const again = row.attempt > 1 ? `, attempt ${row.attempt}` : '';
  const profile = row.profileAgentId === row.agentId ? row.profileId : `${row.profileAgentId}/${row.profileId}`;
  return `agent ${row.agentId} asked ${row.provider} for ${what} with ${profile}${again}: ${endOf(row)} (${row.requestId})`;
}

function endOf({ outcome, status, admittedAtMs, endedAtMs }: LedgerRow): string {
  if (outcome === null || endedAtMs === null) return 'under way';
  const answer = status === null ? '' : ` ${status}`;
  return `${outcome.replaceAll('_', ' ')}${answer} after ${tookOf(endedAtMs - admittedAtMs)}`;
}

function tookOf(ms: number): string {
  return ms < 1_000 ? `${Math.max(0, ms)} ms` : formatDuration(ms);
}

import { expect, it } from 'vitest';
import { hashToken } from '../../src/agents/access-token.ts';
import { isWellFormedAgentKey } from '../../src/agents/agent-key.ts';
import { AgentKeyStore } from '../../src/agents/agent-key-store.ts';
import { askEnrollment } from '../../src/agents/ask-enrollment.ts';
import { rotateAgentKey, unenrollAgent } from '../../src/agents/change-agent-keys.ts';
import { addAgent } from '../../src/agents/change-agents.ts';
import { approveEnrollment, collectEnrollment } from '../../src/agents/change-enrollments.ts';
import { openBooks } from '../fakes/agent-books.ts';

const by = (nowMs: number) => ({ actor: 'person:ann', nowMs }) as const;

it('a rotated key lets the one before it work through its grace time', () => {
  using books = openBooks();
  const keys = new AgentKeyStore(books.database);
  addAgent(books, 'reviewer', {}, by(1_000));
  const first = rotateAgentKey(books, 'reviewer', { kind: 'key', graceMs: 0 }, by(1_000));
  const other = rotateAgentKey(books, 'reviewer', { kind: 'client_secret', graceMs: 0 }, by(1_000));
  const second = rotateAgentKey(books, 'reviewer', { kind: 'key', graceMs: 500 }, by(2_000));
  expect([first.replaced, other.replaced, second.replaced]).toEqual([0, 0, 1]);
  expect(keys.findByHash(hashToken(first.key.reveal()))).toEqual({ ...first.record, expiresAtMs: 2_500 });
  const liveAt = (nowMs: number) => keys.live('reviewer', nowMs).map(({ id }) => id);
  expect(liveAt(2_499).sort()).toEqual([first.record.id, other.record.id, second.record.id].sort());
  expect(liveAt(2_500).sort()).toEqual([other.record.id, second.record.id].sort());
  expect(books.story()).toEqual([
    'person:ann agent.added reviewer',
    'person:ann agent_key.created reviewer',
    'person:ann agent_key.created reviewer',
    'person:ann agent_key.replaced reviewer',
  ]);
});

it('a later rotation never gives an old key more time', () => {
  using books = openBooks();
  addAgent(books, 'reviewer', {}, by(1_000));
  const first = rotateAgentKey(books, 'reviewer', { kind: 'key', graceMs: 0 }, by(1_000));
  rotateAgentKey(books, 'reviewer', { kind: 'key', graceMs: 100 }, by(2_000));
  rotateAgentKey(books, 'reviewer', { kind: 'key', graceMs: 9_000 }, by(2_050));
  expect(new AgentKeyStore(books.database).findByHash(hashToken(first.key.reveal()))?.expiresAtMs).toBe(2_100);
});

it('keys of both kinds have their own prefix and a checksum', () => {
  using books = openBooks();
  for (const [kind, prefix] of [
    ['key', 'mba_'],
    ['client_secret', 'mbs_'],
  ] as const) {
    const { key } = rotateAgentKey(books, 'main', { kind, graceMs: 0 }, by(1_000));
    const text = key.reveal();
    expect(text).toMatch(new RegExp(`^${prefix}[0-9A-Za-z]{49}$`));
    expect(isWellFormedAgentKey(kind, text)).toBe(true);
    expect(isWellFormedAgentKey(kind, text.replace(prefix, 'mbt_'))).toBe(false);
    expect(isWellFormedAgentKey(kind, `${text.slice(0, -1)}${text.endsWith('a') ? 'b' : 'a'}`)).toBe(false);
  }
});

it('an agent that is unenrolled and stays for its credential gets no key from an enrolment that was approved before', () => {
  using books = openBooks();
  const wish = { name: 'builder', providers: ['anthropic'], reason: 'builds', source: '10.0.0.7' };
  const { enrollment } = askEnrollment(books, wish, 1_000);
  approveEnrollment(books, enrollment, {}, by(2_000));
  books.database.run(
    `INSERT INTO profiles (agent_id, profile_id, provider, type, state, label, fingerprint, origin, generation, created_at_ms)
     VALUES ('builder', 'anthropic:own', 'anthropic', 'api_key', 'active', 'sk-…', '', 'https://api.example', 1, 1_000)`,
  );
  expect(unenrollAgent(books, 'builder', by(3_000))).toEqual({ tokens: 0, keys: 0, removed: false });
  expect(collectEnrollment(books, { ...enrollment, state: 'approved' }, 4_000)).toBeUndefined();
});

it('an agent that is unenrolled goes with its keys and tokens, but never with a credential a person stored', () => {
  using books = openBooks();
  addAgent(books, 'reviewer', {}, by(1_000));
  rotateAgentKey(books, 'reviewer', { kind: 'key', graceMs: 0 }, by(1_000));
  books.tokens.issue({ agentId: 'reviewer', ttlMs: 60_000 }, 1_000);
  const { accessor } = books.tokens.issue({ agentId: 'main', ttlMs: 60_000 }, 1_000).record;
  expect(unenrollAgent(books, 'reviewer', by(2_000))).toEqual({ tokens: 1, keys: 1, removed: true });
  expect(books.agents.list().map(({ id }) => id)).toEqual(['main']);
  rotateAgentKey(books, 'main', { kind: 'key', graceMs: 0 }, by(3_000));
  expect(unenrollAgent(books, 'main', by(4_000))).toEqual({ tokens: 1, keys: 1, removed: false });
  expect(books.tokens.find(accessor)?.revokedAtMs).toBe(4_000);
  expect(books.story().at(-1)).toBe('person:ann agent.unenrolled main');
});

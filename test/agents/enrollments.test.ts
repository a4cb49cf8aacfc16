import { describe, expect, it } from 'vitest';
import { hashToken } from '../../src/agents/access-token.ts';
import { AgentKeyStore } from '../../src/agents/agent-key-store.ts';
import { askEnrollment, type EnrollmentWish, PENDING_FOR_MS } from '../../src/agents/ask-enrollment.ts';
import { addAgent } from '../../src/agents/change-agents.ts';
import {
  approveEnrollment,
  collectEnrollment,
  denyEnrollment,
  pendingEnrollment,
} from '../../src/agents/change-enrollments.ts';
import { EnrollmentStore } from '../../src/agents/enrollment-store.ts';
import { DAY_MS } from '../../src/core/time.ts';
import { openBooks } from '../fakes/agent-books.ts';

const by = (nowMs: number) => ({ actor: 'person:ann', nowMs }) as const;
const wish = (more: Partial<EnrollmentWish> = {}): EnrollmentWish => ({
  name: 'reviewer',
  providers: ['xai', 'anthropic'],
  reason: 'reviews pull requests',
  source: '10.0.0.7',
  ...more,
});
const codeOf = (work: () => unknown): string => {
  try {
    work();
    return 'no error';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('an enrolment', () => {
  it('waits with a code and a digest, and its poll token is nowhere', () => {
    using books = openBooks();
    const { enrollment, pollToken } = askEnrollment(books, wish({ models: ['anthropic/claude-haiku-4-5'] }), 1_000);
    expect(enrollment).toEqual({
      id: expect.stringMatching(/^enr_[0-9a-f]{20}$/),
      code: expect.stringMatching(/^[B-Z]{4}-[B-Z]{4}$/),
      name: 'reviewer',
      providers: ['anthropic', 'xai'],
      models: ['anthropic/claude-haiku-4-5'],
      reason: 'reviews pull requests',
      source: '10.0.0.7',
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      state: 'pending',
      createdAtMs: 1_000,
      expiresAtMs: 1_000 + PENDING_FOR_MS,
      decidedAtMs: null,
      decidedBy: null,
    });
    const store = new EnrollmentStore(books.database);
    expect(store.pending(2_000)).toEqual([enrollment]);
    expect(store.findByPollHash(hashToken(pollToken.reveal()), 2_000)).toEqual(enrollment);
    expect(store.pending(1_000 + PENDING_FOR_MS)).toEqual([]);
    expect(JSON.stringify(books.audit.after({ limit: 9 }))).not.toContain(pollToken.reveal());
  });

  it('becomes an agent with no more than it asked for, and its key is made for the first who fetches it', () => {
    using books = openBooks();
    const { enrollment, pollToken } = askEnrollment(books, wish(), 1_000);
    expect(codeOf(() => approveEnrollment(books, enrollment, { providers: ['openai'] }, by(2_000)))).toBe('USAGE');
    approveEnrollment(books, enrollment, { providers: ['anthropic'] }, by(2_000));
    expect(books.agents.get('reviewer')?.policy).toEqual({ providers: ['anthropic'] });
    expect(new AgentKeyStore(books.database).live('reviewer', 2_000)).toEqual([]);
    const approved = new EnrollmentStore(books.database).findByPollHash(hashToken(pollToken.reveal()), 3_000)!;
    const key = collectEnrollment(books, approved, 3_000)!;
    expect(collectEnrollment(books, approved, 3_000)).toBeUndefined();
    const found = new AgentKeyStore(books.database).findByHash(hashToken(key.reveal()));
    expect(found).toMatchObject({ agentId: 'reviewer', kind: 'key', expiresAtMs: null });
    expect(books.story()).toEqual([
      'gateway enrollment.asked reviewer',
      'person:ann agent.added reviewer',
      'person:ann enrollment.approved reviewer',
      'agent:reviewer enrollment.collected reviewer',
    ]);
  });

  it('is decided only as it was shown', () => {
    using books = openBooks();
    const { enrollment } = askEnrollment(books, wish(), 1_000);
    books.database.run('UPDATE enrollments SET providers = \'["openai"]\'');
    expect(codeOf(() => approveEnrollment(books, enrollment, {}, by(2_000)))).toBe('ENROLLMENT_CHANGED');
    const other = { id: enrollment.id, digest: '0'.repeat(64) };
    expect(codeOf(() => approveEnrollment(books, other, {}, by(2_000)))).toBe('ENROLLMENT_CHANGED');
    expect(codeOf(() => denyEnrollment(books, other, by(2_000)))).toBe('ENROLLMENT_CHANGED');
    expect(books.agents.has('reviewer')).toBe(false);
  });

  it('is decided once, and not after its time', () => {
    using books = openBooks();
    const { enrollment } = askEnrollment(books, wish(), 1_000);
    denyEnrollment(books, enrollment, by(2_000));
    expect(codeOf(() => approveEnrollment(books, enrollment, {}, by(2_000)))).toBe('ENROLLMENT_NOT_FOUND');
    const late = askEnrollment(books, wish({ name: 'late' }), 3_000).enrollment;
    const afterwards = by(3_000 + PENDING_FOR_MS);
    expect(codeOf(() => approveEnrollment(books, late, {}, afterwards))).toBe('ENROLLMENT_NOT_FOUND');
    expect(codeOf(() => pendingEnrollment(books, 'late', afterwards.nowMs))).toBe('ENROLLMENT_NOT_FOUND');
  });

  it('is let in for models in their one spelling, and never for a name that would allow nothing', () => {
    using books = openBooks();
    const { enrollment } = askEnrollment(books, wish({ models: ['anthropic/claude-opus-4.5'] }), 1_000);
    const approve = (model: string) => approveEnrollment(books, enrollment, { models: [model] }, by(2_000));
    expect(codeOf(() => approve('claude-opus-4-5'))).toBe('USAGE');
    expect(codeOf(() => approve('anthropic/claude-haiku-4-5'))).toBe('USAGE');
    expect(approve('anthropic/claude-opus-4-5').policy.models).toEqual(['anthropic/claude-opus-4-5']);
  });

  it('is refused for a name that is taken, asked for, or read for one of those', () => {
    using books = openBooks();
    addAgent(books, 'writer-1', {}, by(1_000));
    askEnrollment(books, wish(), 1_000);
    for (const name of ['main', 'writer-1', 'writer-l', 'vvriter-1', 'reviewer', 'reviewers'])
      expect([name, codeOf(() => askEnrollment(books, wish({ name }), 2_000))]).toEqual([name, 'ALREADY_EXISTS']);
    expect(codeOf(() => askEnrollment(books, wish({ name: 'writer-2' }), 2_000))).toBe('no error');
  });

  it('is refused when too many wait, from one address and in all, until those are over', () => {
    using books = openBooks();
    const ask = (n: number, source: string) =>
      codeOf(() => askEnrollment(books, wish({ name: `w${String(n).padStart(3, '0')}w`, source }), 1_000));
    const outcomes = Array.from({ length: 60 }, (_, n) => ask(n * 11 + 300, `10.0.0.${n % 9}`));
    expect(outcomes.filter((outcome) => outcome === 'LIMIT_REACHED').length).toBe(60 - 45);
    for (let n = 0; n < 5; n++) ask(n * 11 + 33, '10.0.1.1');
    expect(ask(444, '10.0.1.2')).toBe('LIMIT_REACHED');
    expect(codeOf(() => askEnrollment(books, wish(), 1_000 + DAY_MS))).toBe('no error');
  });

  it('counts all addresses of one IPv6 network together', () => {
    using books = openBooks();
    const ask = (n: number, source: string) =>
      codeOf(() => askEnrollment(books, wish({ name: `w${n * 11}w`, source }), 1_000));
    const outcomes = Array.from({ length: 8 }, (_, n) => ask(n + 30, `2001:db8:0:1::${n + 1}`));
    expect(outcomes.filter((outcome) => outcome === 'LIMIT_REACHED').length).toBe(3);
    expect(ask(50, '2001:db8:0:2::1')).toBe('no error');
  });

  it('ends with the agent of its name, also where its key was not fetched yet', () => {
    using books = openBooks();
    const { enrollment } = askEnrollment(books, wish(), 1_000);
    approveEnrollment(books, enrollment, {}, by(2_000));
    books.agents.remove('reviewer');
    books.agents.add('reviewer', 3_000);
    expect(new EnrollmentStore(books.database).find(enrollment.id, 3_000)).toBeUndefined();
    expect(collectEnrollment(books, enrollment, 3_000)).toBeUndefined();
  });
});

import { describe, expect, it } from 'vitest';
import type { AuditRow } from '../../../src/audit/audit-log.ts';
import { sentenceOf } from '../../../src/cli/audit/sentence.ts';
import { admission } from '../../ledger/samples.ts';

const atMs = Date.UTC(2026, 10, 21, 9, 12, 3);

function decision(row: Partial<AuditRow>): string {
  const whole = { seq: 1, atMs, actor: 'person:alice', action: 'x', subject: 's', detail: {}, isSealed: true, ...row };
  return sentenceOf({ kind: 'decision', atMs, row: whole });
}

describe('what was decided, in words', () => {
  it.each<[Partial<AuditRow>, string]>([
    [
      { action: 'enrollment.approved', subject: 'reviewer', detail: { code: 'WXYZ-1234' } },
      '09:12:03 alice approved the enrolment of reviewer (code: WXYZ-1234)',
    ],
    [
      { action: 'agent.paused', subject: '*', detail: { reason: 'lunch' } },
      '09:12:03 alice paused everything (reason: lunch)',
    ],
    [
      { actor: 'agent:writer', action: 'token.issued', subject: 'acc_1', detail: { expiresAtMs: atMs, label: null } },
      '09:12:03 agent writer issued the token acc_1 (expires: 2026-11-21 09:12:03)',
    ],
    [
      { actor: 'gateway', action: 'request.refused', subject: 'writer', detail: { code: 'RUNAWAY', count: 12 } },
      '09:12:03 the gateway refused a request of writer (code: RUNAWAY, times: 12)',
    ],
    [
      { actor: 'gateway', action: 'config.changed', subject: '/c', detail: { keys: ['gateway.port', 'env'] } },
      '09:12:03 the gateway took over what changed in /c (keys: gateway.port env)',
    ],
    [{ actor: 'admin:k1', action: 'from.later', subject: 'x' }, '09:12:03 admin key k1 from.later x'],
    [{ action: 'agent.added', subject: 'a$&b' }, '09:12:03 alice added the agent a$&b'],
  ])('%j', (row, sentence) => {
    expect(decision(row)).toBe(sentence);
  });
});

describe('what was asked, in words', () => {
  const row = {
    ...admission(7),
    id: 1,
    firstByteAtMs: null,
    endedAtMs: null,
    status: null,
    outcome: null,
    sentBytes: 0,
    isSimulated: false,
    booking: null,
    heldNanoUsd: null,
    heldTokens: null,
  };
  const request = (changes: object) => sentenceOf({ kind: 'request', atMs, row: { ...row, ...changes } });

  it('names agent, provider, model, profile and how it ended', () => {
    expect(request({})).toBe(
      '09:12:03 agent main asked anthropic for claude-haiku-4-5 with anthropic:work: under way (mbr_7)',
    );
    const ended = { endedAtMs: row.admittedAtMs + 1_200, status: 429, outcome: 'rate_limited', attempt: 2 };
    expect(request({ ...ended, profileAgentId: 'boss' })).toBe(
      '09:12:03 agent main asked anthropic for claude-haiku-4-5 with boss/anthropic:work, attempt 2: rate limited 429 after 2 s (mbr_7)',
    );
    const left = { endedAtMs: row.admittedAtMs + 30, outcome: 'client_left', modelAsked: null };
    expect(request(left)).toContain('asked anthropic for messages with anthropic:work: client left after 30 ms');
  });
});

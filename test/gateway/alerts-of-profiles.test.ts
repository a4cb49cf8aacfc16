import { describe, expect, it } from 'vitest';
import { TestGateway } from '../fakes/test-gateway.ts';

const alertsIn = (lines: readonly string[]) =>
  lines.flatMap((line) => {
    const { kind, subject } = JSON.parse(line) as { kind?: string; subject?: string };
    return subject === undefined ? [] : [`${kind} ${subject}`];
  });

describe('a profile that only money or a person can bring back', () => {
  it('is told of once', async () => {
    await using gateway = await TestGateway.start({
      profiles: ['first', 'second'],
      script: { rules: [{ credential: 'first', fail: { kind: 'error', error: 'billing' } }] },
    });
    for (let at = 0; at < 3; at++) expect((await gateway.post()).status).toBe(200);
    expect(alertsIn(gateway.logLines)).toEqual(['profile.disabled main/anthropic:first']);
  });

  it('is not told of while it only cools down', async () => {
    await using gateway = await TestGateway.start({
      profiles: ['first', 'second'],
      script: { rules: [{ credential: 'first', fail: { kind: 'error', error: 'rate_limit' } }] },
    });
    expect((await gateway.post()).status).toBe(200);
    expect(alertsIn(gateway.logLines)).toEqual([]);
  });
});

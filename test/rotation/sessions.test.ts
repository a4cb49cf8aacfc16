import { describe, expect, it } from 'vitest';
import { SessionMap } from '../../src/rotation/sessions.ts';
import { NOW } from './samples.ts';

const HOUR = 3_600_000;
const key = (session: string, agentId = 'main') => ({ agentId, provider: 'anthropic', session });

describe('SessionMap', () => {
  it('knows the profile of a session until it was idle for an hour', () => {
    const sessions = new SessionMap();
    sessions.remember(key('s1'), 'anthropic:work', NOW);
    expect(sessions.find(key('s1'), NOW + HOUR - 1)).toBe('anthropic:work');
    expect(sessions.find(key('s1'), NOW + HOUR)).toBeUndefined();
    sessions.remember(key('s1'), 'anthropic:home', NOW + HOUR);
    expect(sessions.find(key('s1'), NOW + HOUR)).toBe('anthropic:home');
  });

  it('keeps agents and providers apart', () => {
    const sessions = new SessionMap();
    sessions.remember(key('s1'), 'anthropic:work', NOW);
    expect(sessions.find(key('s1', 'reviewer'), NOW)).toBeUndefined();
    expect(sessions.find({ ...key('s1'), provider: 'xai' }, NOW)).toBeUndefined();
  });

  it('drops a session, or all of a removed profile of one agent', () => {
    const sessions = new SessionMap();
    sessions.remember(key('s1'), 'anthropic:work', NOW);
    sessions.remember(key('s2'), 'anthropic:home', NOW);
    const third = sessions.remember(key('s3', 'reviewer'), 'anthropic:home', NOW);
    sessions.forget(key('s1'));
    sessions.forgetProfile('main', 'anthropic:home');
    expect(sessions.entries(NOW)).toEqual([third]);
  });

  it('keeps at most 10,000, the least recently used out', () => {
    const sessions = new SessionMap();
    for (let i = 0; i < 10_000; i++) sessions.remember(key(`s${i}`), 'anthropic:work', NOW + i);
    sessions.remember(key('s0'), 'anthropic:work', NOW + 10_000);
    sessions.remember(key('one-more'), 'anthropic:work', NOW + 10_001);
    const kept = sessions.entries(NOW + 10_001);
    expect([kept.length, kept[0]!.session, kept.at(-1)!.session]).toEqual([10_000, 's2', 'one-more']);
    expect(sessions.find(key('s0'), NOW + 10_001)).toBe('anthropic:work');
  });

  it('decides the same after a restart, in whatever order the entries were stored', () => {
    const sessions = new SessionMap();
    for (const id of ['b', 'a', 'c']) sessions.remember(key(id), `anthropic:${id}`, NOW + id.charCodeAt(0));
    const stored: unknown = JSON.parse(JSON.stringify(sessions.entries(NOW).reverse()));
    const restarted = new SessionMap(stored as ReturnType<SessionMap['entries']>);
    expect(restarted.entries(NOW).map((entry) => entry.session)).toEqual(['a', 'b', 'c']);
    expect(restarted.find(key('b'), NOW)).toBe('anthropic:b');
  });
});

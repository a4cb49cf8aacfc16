import { describe, expect, it } from 'vitest';
import { lookAlike } from '../../src/agents/enrollment-name.ts';

describe('a name that is asked for', () => {
  it.each([
    ['reviewer1', 'reviewerl'],
    ['reviewer-1', 'reviewer1'],
    ['b0t', 'bot'],
    ['modem', 'modern'],
    ['vvriter', 'writer'],
    ['cloud', 'doud'],
    ['build-bot', 'buildbot'],
    ['reviewers', 'reviewer'],
    ['reveiwer', 'reviewer'],
    ['rewiewer', 'reviewer'],
    ['main-l', 'main-1'],
  ])('like "%s" is taken for "%s", either way round', (name, taken) => {
    expect(lookAlike(name, ['other', taken])).toBe(taken);
    expect(lookAlike(taken, [name])).toBe(name);
  });

  it.each([
    ['reviewer', 'reviewer'],
    ['reviewer-1', 'reviewer-2'],
    ['reviewer', 'reviewer-2'],
    ['bot-a', 'bot-b'],
    ['writer', 'reader'],
    ['ci', 'cd'],
  ])('like "%s" is told from "%s"', (name, taken) => {
    expect(lookAlike(name, [taken])).toBeUndefined();
  });
});

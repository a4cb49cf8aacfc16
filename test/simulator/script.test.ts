import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newRules, type Subject } from '../../src/simulator/failures.ts';
import { SCENARIOS } from '../../src/simulator/scenarios.ts';
import { loadScript, parseScript } from '../../src/simulator/script.ts';
import type { ScriptInput } from '../../src/simulator/script-schema.ts';

const overloaded = { kind: 'error', error: 'overloaded' } as const;
const subject: Subject = {
  family: 'anthropic',
  route: 'messages',
  model: 'claude-haiku-4-5',
  stream: false,
  credential: ['work', '0123456789abcdef'],
};

type Rule = NonNullable<ScriptInput['rules']>[number];

/** Which of so many equal requests fail, as `.` and `x`. */
function pattern(rule: Rule, count: number, seed = 1): string {
  const rules = newRules(parseScript({ seed, rules: [{ ...rule, fail: overloaded }] }));
  return Array.from({ length: count }, () => (rules.decide(subject).fail ? 'x' : '.')).join('');
}

describe('how often a rule fires', () => {
  it.each<[string, Rule, string]>([
    ['always', {}, 'xxxxxx'],
    ['the first two', { first: 2 }, 'xx....'],
    ['after the third', { after: 3 }, '...xxx'],
    ['two after the first', { after: 1, first: 2 }, '.xx...'],
    ['every second', { every: 2 }, 'x.x.x.'],
    ['every second after the first, three long', { after: 1, every: 2, first: 3 }, '.x.x..'],
    ['never', { probability: 0 }, '......'],
  ])('%s', (_, rule, expected) => {
    expect(pattern(rule, 6)).toBe(expected);
  });

  it('with a probability fails the same requests for the same seed, about as many as asked for', () => {
    const failed = pattern({ probability: 0.3 }, 1000, 7);
    expect(pattern({ probability: 0.3 }, 1000, 7)).toBe(failed);
    expect(pattern({ probability: 0.3 }, 1000, 8)).not.toBe(failed);
    expect(failed.split('x').length - 1).toBeGreaterThan(250);
    expect(failed.split('x').length - 1).toBeLessThan(350);
  });
});

describe('for whom a rule counts', () => {
  it.each<[string, Rule, boolean]>([
    ['its credential by name', { credential: 'work' }, true],
    ['its credential by fingerprint', { credential: '0123456789abcdef' }, true],
    ['another credential', { credential: 'other' }, false],
    ['its model', { model: 'claude-haiku-4-5' }, true],
    ['models of a kind', { model: 'claude-*-4-5' }, true],
    ['a dot that is no wildcard', { model: 'claude.haiku.4.5' }, false],
    ['another model', { model: 'claude-opus-*' }, false],
    ['its provider', { provider: 'anthropic' }, true],
    ['another provider', { provider: 'xai' }, false],
    ['its route', { route: 'messages' }, true],
    ['another route', { route: 'messages/count_tokens' }, false],
    ['streams only', { stream: true }, false],
    ['whole answers only', { stream: false }, true],
  ])('%s', (_, rule, expected) => {
    expect(pattern(rule, 1)).toBe(expected ? 'x' : '.');
  });

  it('the first rule that fires decides; answers and paces before it are kept', () => {
    const rules = newRules(
      parseScript({
        answer: { text: 'all' },
        rules: [
          { answer: { deltas: 3 }, pacing: { firstByteMs: 5 } },
          { credential: 'other', fail: { kind: 'endless' } },
          { fail: overloaded },
          { fail: { kind: 'endless' } },
        ],
      }),
    );
    expect(rules.decide(subject)).toEqual({
      fail: overloaded,
      answer: { text: 'all', deltas: 3 },
      pacing: { firstByteMs: 5 },
    });
  });

  it('rules that were added come after the others', () => {
    const rules = newRules(parseScript({ rules: [{ first: 1, fail: overloaded }] }));
    rules.add(parseScript({ rules: [{ fail: { kind: 'endless' } }] }).rules);
    expect([rules.decide(subject).fail, rules.decide(subject).fail]).toEqual([overloaded, { kind: 'endless' }]);
  });
});

describe('scripts', () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'simulator-script-'));
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  function load(text: string) {
    const path = join(directory, 'script.json5');
    writeFileSync(path, text);
    return () => loadScript(path);
  }

  it('are JSON5, and every part may be left out', () => {
    expect(load('// nothing\n{ rules: [{ first: 1, }], }')()).toEqual({
      seed: 1,
      keys: [],
      models: [],
      answer: {},
      pacing: {},
      rules: [{ after: 0, first: 1, every: 1, probability: 1 }],
    });
  });

  it.each([
    ['{ rules: [{ fail: { kind: "eror" } }] }', /script\.json5 is wrong at rules\.0\.fail\.kind: .*"eror"/],
    ['{ rules: [{ frist: 1 }] }', /is wrong at rules\.0\.frist: /],
    ['{ rules: [{ probability: 2 }] }', /is wrong at rules\.0\.probability: /],
    ['{ keys: [{ provider: "x", name: "a" }] }', /is wrong at keys\.0\.provider: /],
    ['{ keys: [{ provider: "xai", name: "a b" }] }', /is wrong at keys\.0\.name: lower-case letters, digits/],
    ['{ rules: [', /is not JSON5: invalid end of input at 1:11/],
    ['[]', /is wrong at the top level: /],
  ])('say what is wrong in %s', (text, message) => {
    expect(load(text)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringMatching(message) }),
    );
  });

  it('say which file cannot be read', () => {
    expect(() => loadScript(join(directory, 'none.json5'))).toThrow(/none\.json5 cannot be read\.$/);
  });

  it.each(Object.entries(SCENARIOS))('include the scenario %s', (_, script) => {
    expect(() => parseScript(script)).not.toThrow();
  });
});

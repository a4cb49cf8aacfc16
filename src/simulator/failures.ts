import type { AnswerSettings, Failure, Family, Pacing, Rule, Script } from './script-schema.ts';

/** What rules look at. */
export interface Subject {
  readonly family: Family;
  readonly route: string;
  readonly model: string | null;
  readonly stream: boolean;
  /** Name and fingerprint of the credential. */
  readonly credential: readonly string[];
}

export interface Decision {
  readonly fail: Failure | undefined;
  readonly answer: AnswerSettings;
  readonly pacing: Pacing;
}

/** The rules of one simulator with their counts. */
export interface Rules {
  decide(subject: Subject): Decision;
  /** Only failures that come before the body is read; the model is not known then. */
  decideEarly(subject: Subject): Failure | undefined;
  add(rules: readonly Rule[]): void;
}

interface LiveRule {
  readonly rule: Rule;
  readonly model: RegExp | undefined;
  seen: number;
}

/**
 * Every rule that matches a request counts it. Rules are asked in their order: the first that fires with a failure
 * ends the search, answers and paces of those that fired before are laid over the script's own.
 */
export function newRules(script: Script): Rules {
  const random = newRandom(script.seed);
  const live = script.rules.map(toLive);
  let early = live.some(isEarly);
  const plain: Decision = { fail: undefined, answer: script.answer, pacing: script.pacing };
  const fires = (entry: LiveRule, subject: Subject) => matches(entry, subject) && counts(entry, random);
  return {
    decide(subject) {
      if (live.length === 0) return plain;
      let { answer, pacing } = plain;
      for (const entry of live) {
        if (isEarly(entry) || !fires(entry, subject)) continue;
        answer = { ...answer, ...entry.rule.answer };
        pacing = { ...pacing, ...entry.rule.pacing };
        if (entry.rule.fail) return { fail: entry.rule.fail, answer, pacing };
      }
      return { fail: undefined, answer, pacing };
    },
    decideEarly(subject) {
      if (!early) return undefined;
      return live.find((entry) => isEarly(entry) && fires(entry, subject))?.rule.fail;
    },
    add(rules) {
      live.push(...rules.map(toLive));
      early = live.some(isEarly);
    },
  };
}

function toLive(rule: Rule): LiveRule {
  return { rule, model: rule.model === undefined ? undefined : globOf(rule.model), seen: 0 };
}

function isEarly({ rule }: LiveRule): boolean {
  return rule.fail?.kind === 'early';
}

function globOf(pattern: string): RegExp {
  return new RegExp(`^${pattern.replace(/[^\w*]/g, '\\$&').replaceAll('*', '.*')}$`);
}

function matches({ rule, model }: LiveRule, subject: Subject): boolean {
  if (rule.provider !== undefined && rule.provider !== subject.family) return false;
  if (rule.route !== undefined && rule.route !== subject.route) return false;
  if (rule.stream !== undefined && rule.stream !== subject.stream) return false;
  if (rule.credential !== undefined && !subject.credential.includes(rule.credential)) return false;
  return model === undefined || (subject.model !== null && model.test(subject.model));
}

function counts(entry: LiveRule, random: () => number): boolean {
  const { after, first, every, probability } = entry.rule;
  entry.seen += 1;
  const turn = entry.seen - after;
  if (turn <= 0 || (first !== undefined && turn > first)) return false;
  if ((turn - 1) % every !== 0) return false;
  return probability >= 1 || random() < probability;
}

/** mulberry32: small, fast, the same on every machine. */
function newRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

import { describe, expect, it } from 'vitest';
import { scrubText } from '../../../src/cli/import/scrub-text.ts';

const KEY = 'sk-ant-sim-0123456789abcdef';
const OTHER = `${KEY}-longer`;
const scrub = (text: string, format: 'json' | 'yaml' | 'env') => scrubText(text, format, [KEY], '/f');

describe('taking keys out of a text', () => {
  it.each([
    ['yaml', `a: "${KEY}"  # mine\r\nb:   ${KEY}\r\n`, 'a: ""  # mine\r\nb:   ""\r\n'],
    ['yaml', `list: [${KEY}, ${OTHER}]\n# was ${KEY}\n`, `list: ["", ${OTHER}]\n# was ""\n`],
    ['yaml', `a: &k '${KEY}'\nb: *k\nc: Bearer ${KEY}\n`, "a: &k ''\nb: *k\nc: Bearer \n"],
    ['json', `{ "a": "${KEY}", // mine\n\t"b": '${OTHER}', }`, `{ "a": "", // mine\n\t"b": '${OTHER}', }`],
    ['json', `\ufeff{"a":"Bearer ${KEY}"}`, '\ufeff{"a":"Bearer "}'],
    ['env', `A=${KEY}\nB="${KEY}"\nC=${OTHER}\n`, `A=""\nB=""\nC=${OTHER}\n`],
  ] as const)('leaves every other byte of %s as it was', (format, before, after) => {
    expect(scrub(before, format)).toBe(after);
  });

  it.each([
    ['json', `{"${KEY}": 1}`],
    ['json', `{"a": "\\u0073${KEY.slice(1)}"}`],
    ['yaml', `a: "${KEY.slice(0, 12)}\\\n  ${KEY.slice(12)}"\n`],
  ] as const)('refuses what it cannot take out alone: %s %s', (format, text) => {
    expect(scrub(text, format)).toBeUndefined();
  });
});

import { describe, expect, it } from 'vitest';
import { cleanPaste } from '../../../src/cli/prompts/clean-paste.ts';

const KEY = `sk-ant-sim-${'a1B2'.repeat(10)}`;

describe('cleanPaste', () => {
  it.each([
    ['space around it', `  ${KEY}\n`],
    ['double quotes', `"${KEY}"`],
    ['single quotes', `'${KEY}'`],
    ['an export line', `export ANTHROPIC_API_KEY=${KEY}`],
    ['a quoted export line', `export ANTHROPIC_API_KEY="${KEY}"; `],
    ['a dotenv line', `ANTHROPIC_API_KEY = '${KEY}'`],
    ['a PowerShell line', `$env:ANTHROPIC_API_KEY = "${KEY}"`],
    ['Bearer in front', `Bearer ${KEY}`],
    ['a line break inside', `${KEY.slice(0, 20)}\n${KEY.slice(20)}`],
    ['a wrapped and indented line', `${KEY.slice(0, 20)}\r\n   ${KEY.slice(20)}\r\n`],
    ['a byte order mark', `\ufeff${KEY}`],
  ])('takes away %s', (_, text) => {
    expect(cleanPaste(text)).toBe(KEY);
  });

  it('leaves a space in the middle for the pattern to refuse', () => {
    expect(cleanPaste('sk-ant-sim-aaa bbb')).toBe('sk-ant-sim-aaa bbb');
  });
});

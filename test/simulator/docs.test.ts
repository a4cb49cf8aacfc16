import { readFileSync } from 'node:fs';
import JSON5 from 'json5';
import { describe, expect, it } from 'vitest';
import { SCENARIOS } from '../../src/simulator/scenarios.ts';
import { parseScript } from '../../src/simulator/script.ts';
import { ERROR_NAMES } from '../../src/simulator/script-schema.ts';

const text = readFileSync(new URL('../../docs/simulator.md', import.meta.url), 'utf8');

describe('docs/simulator.md', () => {
  it('shows a script that loads', () => {
    const blocks = [...text.matchAll(/```json5\n(.*?)```/gs)].map(([, block]) => block!);
    expect(blocks).toHaveLength(1);
    expect(parseScript(JSON5.parse(blocks[0]!)).rules).toHaveLength(3);
  });

  it.each([...Object.keys(SCENARIOS), ...ERROR_NAMES])('names %s', (name) => {
    expect(text).toContain(`\`${name}\``);
  });

  it('names no kind of failure and no reset that does not exist', () => {
    const kinds = [...text.matchAll(/^\| `([a-z][a-z-]+)` \|/gm)]
      .map(([, kind]) => kind!)
      .filter((kind) => !(kind in SCENARIOS));
    const minimal: Record<string, object> = {
      error: { error: 'overloaded' },
      encode: { encoding: 'gzip' },
      redirect: { location: '/' },
      headers: { headers: {} },
      echo: { where: 'body' },
    };
    expect(kinds).toHaveLength(13);
    for (const kind of kinds) parseScript({ rules: [{ fail: { kind, ...minimal[kind] } }] });
    const styles = /\*\*`resets`\*\*.*?\{ style, seconds \}`: (.*?)\n\n/s
      .exec(text)![1]!
      .match(/(?<=`)[a-z]+(-[a-z]+)+(?=`)|(?<=`)none(?=`)/g)!;
    expect(styles).toHaveLength(10);
    for (const style of styles) {
      parseScript({ rules: [{ fail: { kind: 'error', error: 'rate_limit', resets: [{ style }] } }] });
    }
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tomlSettings } from '../../../src/cli/connect/toml-settings.ts';

const PROVIDER = {
  name: 'moltbot',
  args: ['get', 'it\'s "quoted" \\ é'],
  auth: { command: '/usr/bin/env', timeout_ms: 5 },
};
const EDITS = [
  { path: ['model_provider'], value: 'moltbot' },
  { path: ['model_providers', 'moltbot'], value: PROVIDER },
];
const REMOVAL = EDITS.map(({ path }) => ({ path, value: undefined }));
const BLOCK = `[model_providers.moltbot]
name = "moltbot"
args = ["get", "it's \\"quoted\\" \\\\ é"]

[model_providers.moltbot.auth]
command = "/usr/bin/env"
timeout_ms = 5
`;

describe('TOML settings', () => {
  it.each([
    ['', `model_provider = "moltbot"\n\n${BLOCK}`],
    ['# mine\n', `model_provider = "moltbot"\n# mine\n\n${BLOCK}`],
    ['model = "x" # why\n', `model = "x" # why\nmodel_provider = "moltbot"\n\n${BLOCK}`],
    ['model_provider = "corp" # theirs\n', `model_provider = "moltbot" # theirs\n\n${BLOCK}`],
    ["[a]\nmodel_provider = 'other'", `model_provider = "moltbot"\n[a]\nmodel_provider = 'other'\n\n${BLOCK}`],
    ["\"model_provider\"  =\t'''x\n[not a table]'''\n", `"model_provider"  =\t"moltbot"\n\n${BLOCK}`],
  ])('changes nothing but its own keys of %j', (before, after) => {
    expect(tomlSettings.change(before, EDITS)).toBe(after);
  });

  it.each([
    '',
    'model = "x"\n\n[a]\nb = [\n  "]", # ] \n  1,\n]\n',
    '[[list]]\na = 1\n[[list]]\na = 2 # two\n',
    'when = 2026-11-20T10:00:00Z\nbig = 9223372036854775807\n[a."b.c".d]\nx = { y = "}" }\n',
    'a = 1\r\n[b]\r\nc = """\r\n[model_providers.moltbot]\r\n"""\r\n',
    '[model_providers.other]\nbase_url = "http://elsewhere"\n# after\n',
    '\uFEFFmodel = "x"\n',
  ])('takes its keys out of what it made of %j, and the rest is as before', (before) => {
    expect(tomlSettings.change(tomlSettings.change(before, EDITS), REMOVAL)).toBe(before);
  });

  it('takes them out from between what was added later', () => {
    const edited = `${tomlSettings.change('model = "x"\n', EDITS)}# my own\n[later]\nb = 1\n`;
    expect(tomlSettings.change(edited, REMOVAL)).toBe('model = "x"\n# my own\n[later]\nb = 1\n');
  });

  it.each([
    'model_providers = { other = { name = "x" } }\n',
    'model_providers = 5\n',
    '[[model_providers]]\nname = "x"\n',
    '[model_providers]\nmoltbot = { name = "by hand" }\n',
  ])('refuses %j, which it cannot change without rewriting it', (before) => {
    expect(() => tomlSettings.change(before, EDITS)).toThrow(
      'These settings cannot be changed safely by a program: model_provider, model_providers.moltbot.',
    );
  });

  it('puts a table of its own in the place of an older one', () => {
    const older = tomlSettings.change('[a]\nb = 1\n', [
      { path: ['model_providers', 'moltbot'], value: { name: 'old' } },
    ]);
    expect(tomlSettings.change(older, EDITS.slice(1))).toBe(`[a]\nb = 1\n\n${BLOCK}`);
  });

  it('goes there and back on whatever tables, strings and comments there are', () => {
    const key = fc.constantFrom('a', 'b-c', '"q.]u"', "'l#it'", 'model', 'model_provider');
    const value = fc.constantFrom(
      '1',
      '"s # \\" ]"',
      "'l\\'",
      '[1, [2], "]"]',
      '"""\n[x]\n"""',
      "'''a'''",
      '{ k = "}" }',
      '1979-05-27',
    );
    const pair = fc
      .tuple(key, value, fc.constantFrom('', ' # c ["', '\t'))
      .map((parts) => `${parts[0]} = ${parts[1]}${parts[2]}`);
    const line = fc.oneof(pair, fc.constantFrom('', '# c', '[t]', '[t."u]"]', '[[z]]'));
    fc.assert(
      fc.property(fc.array(line), fc.constantFrom('\n', '\r\n'), (lines, newline) => {
        const text = lines.join(newline) + newline;
        fc.pre(isValid(text));
        fc.pre(tomlSettings.read(text).model_provider === undefined);
        expect(tomlSettings.change(tomlSettings.change(text, EDITS), REMOVAL)).toBe(text);
      }),
      { numRuns: 2_000 },
    );
  });
});

function isValid(text: string): boolean {
  try {
    tomlSettings.read(text);
    return true;
  } catch {
    // Two of the same key, most often.
    return false;
  }
}

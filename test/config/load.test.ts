import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configFromText, loadConfig, validateConfig } from '../../src/config/load.ts';
import { isMoltbotError } from '../../src/core/errors.ts';

const PATH = '/home/me/moltbot.json';

/** What a person reads about a text: code, message, hint. */
function complaint(text: string): string {
  try {
    configFromText(PATH, text, {});
  } catch (error) {
    if (isMoltbotError(error)) return `${error.code} ${error.message} | ${error.hint}`;
    throw error;
  }
  return 'fine';
}

describe('a config with a mistake', () => {
  it.each([
    [
      'an unknown key with what was meant',
      '{\n  gateway: {\n    prot: 8400,\n  },\n}',
      `CONFIG_INVALID ${PATH}:3:5: gateway.prot: unknown key. | Did you mean "port"?`,
    ],
    [
      'an unknown key far from every known one with the known ones',
      '{ log: { zzzzzzzz: 1 } }',
      `CONFIG_INVALID ${PATH}:1:10: log.zzzzzzzz: unknown key. | Remove it, or use one of: level`,
    ],
    [
      'a value of the wrong type',
      '{\n  gateway: { port: "8400" },\n}',
      `CONFIG_INVALID ${PATH}:2:20: gateway.port: expected a number. | Change the value of gateway.port there.`,
    ],
    [
      'a number out of range',
      '{ gateway: { port: 70000 } }',
      `CONFIG_INVALID ${PATH}:1:20: gateway.port: expected at most 65535. | Change the value of gateway.port there.`,
    ],
    [
      'a choice that does not exist',
      '{ vault: { kind: "pocket" } }',
      `CONFIG_INVALID ${PATH}:1:18: vault.kind: expected "keychain" or "file". | Change the value of vault.kind there.`,
    ],
    [
      'a missing key at the object that misses it',
      '{\n agents: { list: [\n  { model: { primary: "xai/grok-4-fast" } } ] } }',
      `CONFIG_INVALID ${PATH}:3:3: agents.list[0].id: this key is missing. | Add agents.list[0].id there.`,
    ],
    [
      'a key that is there twice',
      '{\n  gateway: { port: 1 },\n  "gateway": { port: 2 },\n}',
      `CONFIG_INVALID ${PATH}:3:3: gateway: this key is here twice. | Remove it here.`,
    ],
    [
      'a list in the place of an object',
      '{ gateway: [8400] }',
      `CONFIG_INVALID ${PATH}:1:12: gateway: expected an object, not a list. | Write { … } in the place of [ … ].`,
    ],
    [
      'a list in the place of a number',
      '{ gateway: { port: [1] } }',
      `CONFIG_INVALID ${PATH}:1:20: gateway.port: expected a number. | Change the value of gateway.port there.`,
    ],
    [
      'a key that could reach the prototype',
      '{ env: { "__proto__": { a: "b" } } }',
      `CONFIG_INVALID ${PATH}:1:10: env.__proto__: this name is not allowed as a key. | Remove it here.`,
    ],
    [
      'a number without end',
      '{ auth: { cooldowns: { billingMaxHours: Infinity } } }',
      `CONFIG_INVALID ${PATH}:1:41: auth.cooldowns.billingMaxHours: expected a number. | Write a number that is one.`,
    ],
    [
      'a model that is neither a ref nor an alias',
      '{ agents: { defaults: { model: { primary: "opuss" }, models: { "anthropic/claude-opus-4-5": { alias: "opus" } } } } }',
      `CONFIG_INVALID ${PATH}:1:43: agents.defaults.model.primary: expected provider/model or an alias. | Did you mean "opus"?`,
    ],
    [
      'a profile of another provider in an order',
      '{ auth: { order: { anthropic: ["anthropic:work", "xai:work"] } } }',
      `CONFIG_INVALID ${PATH}:1:50: auth.order.anthropic[1]: expected a profile of anthropic. | Write it as anthropic:name, for example anthropic:default.`,
    ],
    [
      'an agent that is there twice',
      '{ agents: { list: [{ id: "a" }, { id: "a" }] } }',
      `CONFIG_INVALID ${PATH}:1:39: agents.list[1].id: this agent is here twice. | Merge the two entries.`,
    ],
    [
      'an alias that two models have',
      '{ agents: { defaults: { models: { "a/b": { alias: "x" }, "a/c": { alias: "x" } } } } }',
      `CONFIG_INVALID ${PATH}:1:74: agents.defaults.models["a/c"].alias: this alias is given twice. | Give each model its own.`,
    ],
    [
      'two prices for one model',
      '{ models: { prices: { "anthropic/claude-opus-4-5": { inputUsdPerMillion: 1, outputUsdPerMillion: 2 }, "anthropic/claude-opus-4.5": { inputUsdPerMillion: 1, outputUsdPerMillion: 2 } } } }',
      `CONFIG_INVALID ${PATH}:1:132: models.prices["anthropic/claude-opus-4.5"]: this model has a price already. | Keep one of the two for anthropic/claude-opus-4-5.`,
    ],
    [
      'a price finer than a nano-dollar',
      '{ models: { prices: { "a/b": { inputUsdPerMillion: 0.0001, outputUsdPerMillion: 2 } } } }',
      `CONFIG_INVALID ${PATH}:1:52: models.prices["a/b"].inputUsdPerMillion: expected at most three decimals. | Round it: 0.125`,
    ],
    [
      'a syntax error',
      '{\n  gateway: {\n    port: 8400,,\n  },\n}',
      `CONFIG_INVALID ${PATH}:3:16: not valid JSON5, unexpected ",". | Look there for a missing comma, quote or bracket (often at the end of the line before).`,
    ],
    [
      'a text that ends too early',
      '{\n  gateway: {\n',
      `CONFIG_INVALID ${PATH}:3:1: the file ends too early. | Close the open bracket, quote or comment.`,
    ],
    [
      'a string that does not end on its line',
      '{\n  env: { A: "abc\n} }',
      `CONFIG_INVALID ${PATH}:2:17: not valid JSON5, unexpected character. | Look there for a missing comma, quote or bracket (often at the end of the line before).`,
    ],
    [
      'something else than an object',
      '[1]',
      `CONFIG_INVALID ${PATH}:1:1: expected an object. | The file is one object: { … }`,
    ],
  ])('names %s, with line, column and what to do', (_, text, expected) => {
    expect(complaint(text)).toBe(expected);
  });

  it('counts lines and columns the same with Windows line ends and a byte order mark', () => {
    expect(complaint('\ufeff{\r\n  gateway: {\r\n    prot: 1 } }')).toContain(':3:5: gateway.prot');
  });

  it('never shows a value, which may be a secret', () => {
    const secret = ['sk', 'ant', 'sim', 'canary0123456789'].join('-');
    for (const text of [
      `{ gateway: { port: "${secret}" } }`,
      `{ vault: { kind: "${secret}" } }`,
      `{ env: { KEY: ["${secret}"] } }`,
      `{ models: { providers: { x: { baseUrl: "${secret}" } } } }`,
      `{ env: { KEY: "${secret} } }`,
      `{ "${secret}": 1 }`,
      `{ agents: { defaults: { model: { primary: "${secret}" } } } }`,
    ]) {
      expect(complaint(text)).toMatch(/^CONFIG_INVALID/);
      expect(complaint(text)).not.toContain('canary');
    }
  });

  it('says how many mistakes there are beside the first', () => {
    expect(complaint('{ gateway: { port: "x" }, log: { level: "loud" }, zzzzzzzzzzz: 1 }')).toContain(
      '(2 more after this one',
    );
  });

  it('shows control characters of a key as text', () => {
    expect(complaint('{ "a\\u001b[31m": 1 }')).toContain('a\\\\u{1b}[31m');
  });
});

describe("another product's config", () => {
  it.each([
    '{ channels: { telegram: {} } }',
    '{ gateway: { mode: "local", auth: {} } }',
    '{ wizard: { lastRunAt: "x" } }',
    '{ meta: { lastTouchedVersion: "2026.1" } }',
  ])('is named as such: %s', (text) => {
    expect(complaint(text)).toMatch(
      /^CONFIG_FOREIGN .* is another product's config .*MOLTBOT_HOME.*moltbot import openclaw/,
    );
  });
});

describe('loadConfig', () => {
  let directory: string;
  let path: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'moltbot-load-'));
    path = join(directory, 'moltbot.json');
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it('gives every default when there is no file', () => {
    const loaded = loadConfig(path, {});
    expect(loaded).toMatchObject({ path, exists: false, text: '', digest: '', raw: {} });
    expect(loaded.config).toMatchObject({
      gateway: { host: '127.0.0.1', timeouts: { connectMs: 10_000, firstByteMs: 600_000, silenceMs: 300_000 } },
      auth: { paidFallback: true, maxWaitMs: 10_000 },
      agents: { defaults: { model: {} }, list: [] },
    });
  });

  it('takes an empty file for one without settings', () => {
    writeFileSync(path, '\n', { mode: 0o600 });
    expect(loadConfig(path, {})).toMatchObject({ exists: true, raw: {} });
  });

  it('refuses a file that others can read', () => {
    writeFileSync(path, '{}');
    chmodSync(path, 0o644);
    expect(() => loadConfig(path, {})).toThrow(
      expect.objectContaining({ code: 'NOT_PERMITTED', exitCode: 77, hint: `Make it private: chmod 600 ${path}` }),
    );
  });

  it('refuses a directory and a text that is not UTF-8', () => {
    mkdirSync(path);
    expect(() => loadConfig(path, {})).toThrow(
      expect.objectContaining({ code: 'NOT_PERMITTED', message: `${path} is not a plain file.` }),
    );
    const other = join(directory, 'latin.json');
    writeFileSync(other, Buffer.from([0x7b, 0xe4, 0x7d]), { mode: 0o600 });
    expect(() => loadConfig(other, {})).toThrow(expect.objectContaining({ message: `${other} is not UTF-8 text.` }));
  });

  it('names all mistakes when asked to validate, in the order of the file', () => {
    writeFileSync(path, '{\n log: { level: 1 },\n gateway: { prot: 1 },\n}', { mode: 0o600 });
    expect(() => validateConfig(path, {})).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: [
          `${path}:2:16: log.level: expected "error" or "warn" or "info" or "debug". Change the value of log.level there.`,
          `${path}:3:13: gateway.prot: unknown key. Did you mean "port"?`,
        ].join('\n'),
      }),
    );
  });
});

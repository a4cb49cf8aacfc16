// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of the config, not of JavaScript
import { describe, expect, it } from 'vitest';
import { effectiveEnvironment, unsetReferences } from '../../src/config/environment.ts';
import { configFromText } from '../../src/config/load.ts';

const load = (text: string, env: Record<string, string> = {}) => configFromText('/m.json', text, env);

describe('references to the environment', () => {
  it('takes a reference in the place of one of several words, and judges it when it is used', () => {
    const text = '{ log: { level: "${LEVEL}" }, vault: { kind: "${KIND}" }, gateway: { port: 1 } }';
    const { config } = load(text, { LEVEL: 'debug', KIND: 'drawer' });
    expect([config.log.level, config.gateway.port, config.gateway.host]).toEqual(['debug', 1, '127.0.0.1']);
    expect(() => config.vault?.kind).toThrow("The config's vault.kind, as the environment fills it in, is not valid.");
    expect(() => load(text).config.log.level).toThrow("The config's log.level needs the environment variable LEVEL");
    expect(() => load('{ log: { level: "loud" } }')).toThrow('log.level: expected "error" or "warn"');
  });

  it('are filled in where they stand', () => {
    const { config } = load('{ network: { caFile: "${DIR}/ca-${N}.pem" } }', { DIR: '/etc', N: '2' });
    expect(config.network.caFile).toBe('/etc/ca-2.pem');
  });

  it('can be written literally with two dollar signs', () => {
    expect(load('{ network: { caFile: "/$${DIR}" } }', { DIR: 'x' }).config.network.caFile).toBe('/${DIR}');
  });

  it('are an error, naming key and variable, only when the value is used', () => {
    const { config } = load('{ network: { proxyUrl: "${PROXY}", noProxy: "a" } }');
    expect(config.network.noProxy).toBe('a');
    expect({ ...config.network }).toEqual({ noProxy: 'a' });
    expect(() => config.network.proxyUrl).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: "The config's network.proxyUrl needs the environment variable PROXY, which is not set.",
      }),
    );
  });

  it('are held to the same rules as what a person writes, without showing what was filled in', () => {
    const { config } = load('{ network: { proxyUrl: "${PROXY}" } }', { PROXY: 'ftp://canary' });
    expect(() => config.network.proxyUrl).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
    expect(() => config.network.proxyUrl).not.toThrow(/canary/);
  });

  it('stay as written in what is kept of the file', () => {
    expect(load('{ env: { A: "${B}" } }', { B: 'b' }).raw).toEqual({ env: { A: '${B}' } });
  });

  it('work inside lists', () => {
    const { config } = load('{ gateway: { allowedHosts: ["${HOST}"] } }', { HOST: 'box.lan' });
    expect(config.gateway.allowedHosts).toEqual(['box.lan']);
  });
});

describe('unsetReferences', () => {
  it('names every key that could not be filled in, with its variable', () => {
    const raw = {
      env: { A: '${W}', B: 'b' },
      gateway: { allowedHosts: ['${H}', '$${H}'] },
      network: { caFile: '${B}${S}' },
    };
    expect(unsetReferences(raw, { S: 's' })).toEqual([
      { key: 'env.A', variable: 'W' },
      { key: 'gateway.allowedHosts[0]', variable: 'H' },
    ]);
  });
});

describe("the config's env", () => {
  it('fills only what the environment leaves unset', () => {
    const env = { A: 'real', EMPTY: '' };
    const { config } = load('{ env: { A: "file", B: "file", EMPTY: "file" } }', env);
    expect({ ...effectiveEnvironment(config, env) }).toEqual({ A: 'real', B: 'file', EMPTY: 'file' });
  });

  it('serves references elsewhere in the config', () => {
    const { config } = load('{ env: { P: "${Q}" }, network: { noProxy: "${P}" } }', { Q: 'q' });
    expect(config.network.noProxy).toBe('q');
  });

  it('is left out of a copy where it cannot be filled in, and an error for who asks by name', () => {
    const { config } = load('{ env: { ANTHROPIC_API_KEY: "${WORK_KEY}" } }');
    const env = effectiveEnvironment(config, { PATH: '/bin' });
    expect({ ...env }).toEqual({ PATH: '/bin' });
    expect(() => env.ANTHROPIC_API_KEY).toThrow(/WORK_KEY, which is not set/);
  });
});

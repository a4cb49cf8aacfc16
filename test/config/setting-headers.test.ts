import { describe, expect, it } from 'vitest';
import { configFromText } from '../../src/config/load.ts';
import { upstreamHeaders } from '../../src/gateway/shape/headers.ts';

const load = (models: string, agents = '{}', env: Record<string, string> = {}) =>
  configFromText('/home/a/.moltbot/moltbot.json', `{\n  models: ${models},\n  agents: ${agents},\n}\n`, env);

describe('headers in the config', () => {
  it('are refused, with their line, when the gateway sets them itself', () => {
    expect(() => load('{ providers: { anthropic: { headers: { "X-Api-Key": "k" } } } }')).toThrow(
      /:2:\d+.*this header is set by the gateway itself/,
    );
    const params = '{ defaults: { models: { "anthropic/m": { params: { headers: { Connection: "close" } } } } } }';
    expect(() => load('{}', params)).toThrow(/:3:\d+.*this header is set by the gateway itself/);
  });

  it('are taken when they are plain, and a missing variable is said when a request needs it', () => {
    const models = '{ providers: { anthropic: { headers: { "X-Team": { replace: "blue" }, "X-Var": "${TEAM}" } } } }';
    const sent = (env: Record<string, string>) =>
      upstreamHeaders([], {
        dialect: 'openai',
        credential: undefined,
        betas: [],
        headers: load(models, '{}', env).config.models.providers.anthropic?.headers,
        paramHeaders: undefined,
        contentLength: undefined,
      });
    expect(sent({ TEAM: 'red' })).toEqual(['x-team', 'blue', 'x-var', 'red', 'accept-encoding', 'identity']);
    expect(() => sent({})).toThrow('TEAM, which is not set');
  });
});

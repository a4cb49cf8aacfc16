import { describe, expect, it } from 'vitest';
import { configFromText } from '../../src/config/load.ts';
import { isMoltbotError } from '../../src/core/errors.ts';

const PATH = '/home/me/moltbot.json';

function complaint(webhook: object, env: Record<string, string> = {}): string {
  try {
    const { config } = configFromText(PATH, JSON.stringify({ alerts: { webhook } }), env);
    return `${config.alerts.webhook!.url} ${config.alerts.webhook!.secret}`;
  } catch (error) {
    if (isMoltbotError(error)) return `${error.message} | ${error.hint}`;
    throw error;
  }
}

describe('the webhook of alerts', () => {
  const url = 'https://hooks.example.com/x';

  it('has its URL and secret from the environment where the file refers to it', () => {
    const env = { HOOK_URL: url, HOOK_SECRET: 'shared' };
    expect(complaint({ url: '${HOOK_URL}', secret: '${HOOK_SECRET}' }, env)).toBe(`${url} shared`);
  });

  it.each(['written-out', '${A}${B}', 'x${A}', '$${A}', ''])('does not hold its secret: %j', (secret) => {
    expect(complaint({ url, secret })).toBe(
      `${PATH}:1:68: alerts.webhook.secret: expected a reference. | Write it as \${MOLTBOT_WEBHOOK_SECRET}, and set that.`,
    );
  });

  it.each(['https://me@example.com/', 'https://me:word@example.com/'])('has no user in its URL: %s', (withUser) => {
    const said = complaint({ url: withUser, secret: '${S}' });
    expect(said).toContain('alerts.webhook.url: expected a URL without a user name or password.');
    expect(said).not.toContain('word@');
  });

  it('is never plain http, also where the environment says so', () => {
    expect(complaint({ url: 'http://example.com/', secret: '${S}' })).toContain(
      'expected a URL that starts with https://',
    );
    expect(complaint({ url: '${U}', secret: '${S}' }, { U: 'http://example.com/', S: 's' })).toContain(
      "The config's alerts.webhook.url, as the environment fills it in, is not valid.",
    );
  });
});

import { readFileSync } from 'node:fs';
import JSON5 from 'json5';
import { describe, expect, it } from 'vitest';
import { signatureOf } from '../../src/alerts/signature.ts';
import { configFromText } from '../../src/config/load.ts';
import { Secret } from '../../src/core/secret.ts';
import { MESSAGE } from '../fakes/alert-message.ts';

const text = readFileSync(new URL('../../docs/alerts.md', import.meta.url), 'utf8');

function block(language: string): string {
  return new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``).exec(text)![1]!;
}

describe('docs/alerts.md', () => {
  it('shows settings that are valid', () => {
    const { raw } = configFromText('/moltbot.json', block('json5'), {});
    expect(raw).toEqual(JSON5.parse(block('json5')));
  });

  it('shows an alert as it is sent', () => {
    expect(JSON.parse(block('json'))).toEqual(MESSAGE);
  });

  it('shows a check that takes what we sign, and nothing else', async () => {
    const module = `data:text/javascript,${encodeURIComponent(block('js'))}`;
    const { isFromMoltbot } = (await import(module)) as {
      isFromMoltbot: (header: string, body: string, secret: string) => boolean;
    };
    const body = JSON.stringify(MESSAGE);
    const header = signatureOf(body, new Secret('shared'), Date.now());
    const old = signatureOf(body, new Secret('shared'), Date.now() - 600_000);
    expect([
      isFromMoltbot(header, body, 'shared'),
      isFromMoltbot(header, `${body} `, 'shared'),
      isFromMoltbot(header, body, 'other'),
      isFromMoltbot(old, body, 'shared'),
      isFromMoltbot('', body, 'shared'),
    ]).toEqual([true, false, false, false, false]);
  });
});

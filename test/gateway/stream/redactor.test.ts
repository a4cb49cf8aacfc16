import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../../src/core/secret.ts';
import { BodyRedaction } from '../../../src/gateway/stream/body-redaction.ts';
import { Redactor } from '../../../src/gateway/stream/redactor.ts';
import { cutAt } from './streams.ts';

const KEY = `sk-sim-${'aB3-_'.repeat(6)}`;
const ODD_KEY = 'pass/word+with=odd "signs" & ünïcode';
const MARK = '[redacted by moltbot]';
const redactor = new Redactor([new Secret(KEY), new Secret(ODD_KEY)]);

describe('Redactor', () => {
  it('takes a secret out of an error body in plain, JSON and URL form', () => {
    for (const key of [KEY, ODD_KEY]) {
      for (const form of [
        key,
        JSON.stringify(key).slice(1, -1),
        JSON.stringify(key).slice(1, -1).replaceAll('/', '\\/'),
        encodeURIComponent(key),
        encodeURIComponent(key).replace(/%../g, (code) => code.toLowerCase()),
      ]) {
        expect(redactor.redactBody(Buffer.from(`<${form}> and <${form}>`)).toString()).toBe(`<${MARK}> and <${MARK}>`);
      }
    }
  });

  it('takes a secret out of base64 of any text around it', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 8 }),
        fc.string({ maxLength: 8 }),
        fc.constantFrom('base64', 'base64url'),
        fc.constantFrom(KEY, ODD_KEY),
        (before, after, encoding, key) => {
          const encoded = Buffer.from(before + key + after).toString(encoding);
          const redacted = redactor.redactBody(Buffer.from(encoded)).toString();
          expect(redacted).toContain(MARK);
          // At most the one or two characters that hold bits of both are left on each side.
          const left = Math.ceil((Buffer.from(before + after).length * 4) / 3) + 4;
          expect(redacted.replaceAll(MARK, '').replaceAll('=', '').length).toBeLessThanOrEqual(left);
        },
      ),
    );
  });

  it('hands back the very same bytes and headers when there is nothing to take out', () => {
    const body = Buffer.from('{"error":{"message":"invalid x-api-key"}}');
    const headers = ['request-id', 'req_1', 'retry-after', '120'];
    expect(redactor.redactBody(body)).toBe(body);
    expect(redactor.redactEvents(body)).toBe(body);
    expect(redactor.redactHeaders(headers)).toBe(headers);
  });

  it('takes a secret out of header values, and drops a header named after it', () => {
    const list = ['x-echo', `Bearer ${KEY}`, 'x-b64', btoa(KEY), `x-${KEY.toLowerCase()}`, '1', 'retry-after', '9'];
    const redacted = redactor.redactHeaders(list);
    expect(redacted.filter((_text, index) => index % 2 === 0)).toEqual(['x-echo', 'x-b64', 'retry-after']);
    expect(redacted[1]).toBe(`Bearer ${MARK}`);
    expect(redacted[3]).toContain(MARK);
    expect(redacted[5]).toBe('9');
  });

  it('does not search events for other forms than the plain one', () => {
    const encoded = Buffer.from(`data: {"a":"${btoa(KEY)}"}\n\n`);
    expect(redactor.redactEvents(encoded)).toBe(encoded);
  });

  it('leaves words alone that somebody uses as a key', () => {
    const body = Buffer.from('a local model needs no key');
    expect(new Redactor([new Secret('local')]).redactBody(body)).toBe(body);
    expect(new Redactor([]).redactBody(body)).toBe(body);
  });
});

describe('BodyRedaction', () => {
  it('takes the secret out of a body however it is split, and changes nothing else', () => {
    const text = `begin ${KEY} middle ${KEY}${KEY} almost ${KEY.slice(0, -1)} end`;
    const alone = new Redactor([new Secret(KEY)]);
    const expectRedacted = (places: readonly number[]) => {
      const redaction = new BodyRedaction(alone);
      const parts = cutAt(Buffer.from(text), places).map((chunk) => redaction.push(chunk));
      expect(Buffer.concat([...parts, redaction.end()]).toString()).toBe(text.replaceAll(KEY, MARK));
    };
    for (let place = 0; place <= text.length; place++) expectRedacted([place]);
    fc.assert(fc.property(fc.array(fc.nat(), { maxLength: 12 }), expectRedacted));
  });
});

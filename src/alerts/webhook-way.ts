import { setTimeout as sleep } from 'node:timers/promises';
import type { AlertsConfig } from '../config/schema.ts';
import { systemCode } from '../core/errors.ts';
import { Secret } from '../core/secret.ts';
import { type Clock, SECOND_MS } from '../core/time.ts';
import { VERSION } from '../core/version.ts';
import { AddressRefused, type Upstream } from '../providers/upstream.ts';
import { type AlertWay, WAY_LIMIT_MS, type WayResult } from './alert-way.ts';
import { SIGNATURE_HEADER, signatureOf } from './signature.ts';
import { type WebhookTarget, webhookTarget } from './webhook-target.ts';

export interface WebhookParts {
  /** The way out that traffic takes, too: its proxy, authorities, and judgement of addresses. */
  readonly upstream: Pick<Upstream, 'pool'>;
  readonly now: Clock;
  readonly limitMs?: number;
  /** Before the second attempt, the third … */
  readonly pausesMs?: readonly number[];
}

interface Attempt extends WayResult {
  /** Whether another attempt could end differently. */
  readonly mayRetry: boolean;
}

const PAUSES_MS = [SECOND_MS, 5 * SECOND_MS];

interface Posting extends WebhookTarget {
  readonly allowPrivateNetwork: boolean;
  readonly body: string;
  readonly secret: Secret;
  readonly signal: AbortSignal;
}

/**
 * Posts the message as JSON, signed, to a place of the person's choice. Redirects are not followed. What the network
 * broke, 429 and 5xx are tried again. Reads the settings at each alert: their references may not be filled in.
 */
export function webhookWay(config: NonNullable<AlertsConfig['webhook']>, parts: WebhookParts): AlertWay {
  return {
    name: 'webhook',
    async send(message, signal) {
      const secret = new Secret(config.secret);
      const allowPrivateNetwork = config.allowPrivateNetwork ?? false;
      const target = webhookTarget(config.url, allowPrivateNetwork);
      const posting = { ...target, allowPrivateNetwork, body: JSON.stringify(message), secret, signal };
      let attempt = await post(posting, parts);
      for (const pauseMs of parts.pausesMs ?? PAUSES_MS) {
        if (!attempt.mayRetry) break;
        await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
        if (signal.aborted) break;
        attempt = await post(posting, parts);
      }
      return { ok: attempt.ok, said: attempt.said, isLasting: attempt.isLasting ?? false };
    },
  };
}

async function post(posting: Posting, { upstream, now, limitMs = WAY_LIMIT_MS }: WebhookParts): Promise<Attempt> {
  const { origin, path, allowPrivateNetwork, body, secret, signal } = posting;
  // Another one for each attempt: the one before may have been dropped meanwhile.
  const pool = upstream.pool({ origin, allowPrivateNetwork });
  try {
    const { statusCode, body: answer } = await pool.request({
      origin,
      path,
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': `moltbot/${VERSION}`,
        [SIGNATURE_HEADER]: signatureOf(body, secret, now()),
      },
      body,
      signal: AbortSignal.any([signal, AbortSignal.timeout(limitMs)]),
    });
    // Nobody reads what it says; a long answer is not waited for.
    answer.on('error', () => undefined).destroy();
    return judged(origin, statusCode);
  } catch (error) {
    return failed(origin, error, limitMs, signal);
  }
}

function judged(origin: string, status: number): Attempt {
  const ok = status >= 200 && status < 300;
  const why = status >= 300 && status < 400 ? '; redirects are not followed' : '';
  return { ok, said: `${origin} answered ${status}${why}`, mayRetry: status === 429 || status >= 500 };
}

function failed(origin: string, error: unknown, limitMs: number, signal: AbortSignal): Attempt {
  const code = systemCode(error) ?? 'failed';
  if (error instanceof AddressRefused) {
    return { ok: false, said: `${origin} is at an address that is not allowed`, mayRetry: false, isLasting: true };
  }
  if (signal.aborted) return { ok: false, said: `${origin} was given up, because the gateway ends`, mayRetry: false };
  if (error instanceof Error && error.name === 'TimeoutError') {
    return { ok: false, said: `${origin} did not answer within ${limitMs / SECOND_MS} s`, mayRetry: true };
  }
  if (/CERT|SIGNATURE/.test(code)) {
    return { ok: false, said: `${origin} has a certificate that is not trusted (${code})`, mayRetry: false };
  }
  return { ok: false, said: `${origin} cannot be reached (${code})`, mayRetry: true };
}

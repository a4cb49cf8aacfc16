import { request } from 'node:http';
import { request as requestTls } from 'node:https';

const LIMIT_MS = 2_000;

/**
 * Whether something answers `GET /healthz` at that address. Sends no credential, so it does not matter who answers, and
 * for that reason the certificate of a gateway with TLS is not checked here.
 */
export function isAnswering(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const send = url.startsWith('https:') ? requestTls : request;
    const options = { timeout: LIMIT_MS, agent: false as const, rejectUnauthorized: false };
    const call = send(`${url}/healthz`, options, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    call.once('timeout', () => call.destroy());
    call.once('error', () => resolve(false));
    call.end();
  });
}

import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { selfSigned } from '../security/self-signed.ts';

export interface ReceivedPost {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What it answers next; the last one goes on. `hang` answers nothing. */
export type ReceiverAnswer = number | 'hang' | { readonly status: number; readonly location: string };

export interface HttpsReceiver extends AsyncDisposable {
  readonly origin: string;
  /** Its certificate, for who wants to trust it. */
  readonly caFile: string;
  readonly received: readonly ReceivedPost[];
}

/** A real https server on loopback with a certificate that only itself has signed. */
export async function httpsReceiver(...answers: readonly ReceiverAnswer[]): Promise<HttpsReceiver> {
  const directory = mkdtempSync(join(tmpdir(), 'moltbot-receiver-'));
  const caFile = join(directory, 'ca.pem');
  const pair = selfSigned();
  writeFileSync(caFile, pair.cert);
  const received: ReceivedPost[] = [];
  const server = createServer(pair, async (request, response) => {
    let body = '';
    for await (const piece of request.setEncoding('utf8')) body += piece;
    const answer = answers[Math.min(received.length, answers.length - 1)] ?? 204;
    received.push({ method: request.method!, url: request.url!, headers: request.headers, body });
    if (answer === 'hang') return;
    if (typeof answer === 'number') response.writeHead(answer).end();
    else response.writeHead(answer.status, { location: answer.location }).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    origin: `https://127.0.0.1:${port}`,
    caFile,
    received,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type Dispatcher, Pool } from 'undici';

/**
 * The least that a proxy in Node can do: take a request, send it on, pass the answer back. No authentication, no checks,
 * no record, one upstream. Run as a program: `bare.ts http://127.0.0.1:PORT`; prints its port.
 */
const HOP_BY_HOP = new Set(['host', 'connection', 'keep-alive', 'transfer-encoding', 'expect', 'upgrade']);

const origin = process.argv[2]!;
const pool = new Pool(origin, { allowH2: false, headersTimeout: 0, bodyTimeout: 0, pipelining: 1 });

class Passage implements Dispatcher.DispatchHandler {
  readonly #response: ServerResponse;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#response.on('close', () => {
      if (!this.#response.writableFinished) controller.abort(new Error('the client left'));
    });
    this.#response.on('drain', () => controller.resume());
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    this.#response.writeHead(status, kept(controller.rawHeaders as Buffer[]));
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.#response.write(chunk)) controller.pause();
  }

  onResponseEnd(): void {
    this.#response.end();
  }

  onResponseError(): void {
    this.#response.destroy();
  }
}

function kept(raw: readonly (string | Buffer)[]): string[] {
  const headers: string[] = [];
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at]!.toString('latin1');
    if (!HOP_BY_HOP.has(name.toLowerCase())) headers.push(name, raw[at + 1]!.toString('latin1'));
  }
  return headers;
}

function pass(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
  const { url: path = '/', rawHeaders } = request;
  const method = request.method as Dispatcher.HttpMethod;
  pool.dispatch({ origin, path, method, headers: kept(rawHeaders), body }, new Passage(response));
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => pass(request, response, chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address) console.log(JSON.stringify({ port: address.port }));
});

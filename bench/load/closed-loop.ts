import { connect } from 'node:net';
import { bodyNamed } from '../bodies.ts';
import type { ClosedLoopJob, ClosedLoopResult, Target } from '../jobs.ts';
import { percentile } from '../statistics.ts';
import { AnswerReader } from './answer-reader.ts';
import { clientHeaders } from './client-headers.ts';

/** Straight on sockets, with one prepared request: the client must cost less than what it measures. */
export async function closedLoop({ target, body, concurrency, forMs }: ClosedLoopJob): Promise<ClosedLoopResult> {
  const request = wholeRequest(target, bodyNamed(body));
  const latenciesMs: number[] = [];
  const startedAtMs = performance.now();
  const connections = Array.from({ length: concurrency }, () =>
    runConnection(target.port, request, startedAtMs + forMs, latenciesMs),
  );
  await Promise.all(connections);
  return {
    requests: latenciesMs.length,
    seconds: (performance.now() - startedAtMs) / 1000,
    p50Us: percentile(latenciesMs, 0.5) * 1000,
    p99Us: percentile(latenciesMs, 0.99) * 1000,
  };
}

function runConnection(port: number, request: Buffer, endsAtMs: number, latenciesMs: number[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const reader = new AnswerReader();
    let sentAtMs = 0;
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const send = () => {
      sentAtMs = performance.now();
      socket.write(request);
    };
    const read = (chunk: Buffer) => {
      if (!reader.push(chunk)) return;
      const nowMs = performance.now();
      latenciesMs.push(nowMs - sentAtMs);
      if (nowMs < endsAtMs) return send();
      socket.destroy();
      resolve();
    };
    socket.on('connect', send);
    socket.on('error', reject);
    socket.on('end', () => reject(new Error(`port ${port} closed a connection`)));
    socket.on('data', (chunk) => {
      try {
        read(chunk);
      } catch (error) {
        socket.destroy();
        reject(error);
      }
    });
  });
}

function wholeRequest(target: Target, body: Buffer): Buffer {
  const headers = clientHeaders(target, body.length);
  let head = `POST ${target.path} HTTP/1.1\r\n`;
  for (let at = 0; at < headers.length; at += 2) head += `${headers[at]}: ${headers[at + 1]}\r\n`;
  return Buffer.concat([Buffer.from(`${head}\r\n`), body]);
}

import type { Server } from 'node:http';
import type { OpenAnswers } from './answer/open-answers.ts';

const LOOK_EVERY_MS = 25;
/** For error events to reach their clients before the sockets are closed. */
const LAST_WORDS_MS = 250;

/** Accepts nothing new, lets running answers finish for `graceMs`, then ends them with an error their clients understand. */
export async function drain(server: Server, openAnswers: OpenAnswers, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  await untilEmpty(openAnswers, graceMs);
  openAnswers.cutWhere(() => 'stopping');
  await untilEmpty(openAnswers, LAST_WORDS_MS);
  server.closeIdleConnections();
  const patience = setTimeout(() => server.closeAllConnections(), LAST_WORDS_MS);
  await closed;
  clearTimeout(patience);
}

async function untilEmpty(openAnswers: OpenAnswers, limitMs: number): Promise<void> {
  const endsAtMs = performance.now() + limitMs;
  while (openAnswers.size > 0 && performance.now() < endsAtMs) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

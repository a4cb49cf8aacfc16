import { setTimeout as sleep } from 'node:timers/promises';
import type { Paths } from '../../config/paths.ts';
import { MoltbotError } from '../../core/errors.ts';
import { type GatewayRecord, readRunningGateway } from '../../gateway/gateway-file.ts';
import { isAnswering } from './answering.ts';
import { type BackgroundOptions, outputFileOf, spawnGateway, startFailure } from './spawn-gateway.ts';

const LOOK_EVERY_MS = 50;
const START_LIMIT_MS = 30_000;

/**
 * Starts a gateway in the background and returns once it answers. Fails as the gateway itself failed (PORT_TAKEN,
 * CONFIG_INVALID, GATEWAY_RUNNING, …), with GATEWAY_START_FAILED when it crashed or said nothing for 30 s.
 */
export async function startInBackground(
  paths: Paths,
  program: string,
  options: BackgroundOptions,
): Promise<GatewayRecord> {
  const child = spawnGateway(paths, program, options);
  let hasEnded = false;
  child.once('exit', () => {
    hasEnded = true;
  });
  for (let waitedMs = 0; waitedMs < START_LIMIT_MS; waitedMs += LOOK_EVERY_MS) {
    await sleep(LOOK_EVERY_MS);
    if (hasEnded) throw startFailure(paths);
    const running = readRunningGateway(paths);
    if (running?.pid === child.pid && (await isAnswering(running!.url))) return running!;
  }
  child.kill();
  throw new MoltbotError('GATEWAY_START_FAILED', 'The gateway did not answer within 30 s of its start.', {
    hint: `See what it said: cat ${outputFileOf(paths)}`,
  });
}

/** The gateway that runs, or a new one in the background; of two starts at the same moment both get the same one. */
export async function ensureGateway(
  paths: Paths,
  program: string,
): Promise<{ gateway: GatewayRecord; started: boolean }> {
  const running = readRunningGateway(paths);
  if (running) return { gateway: running, started: false };
  try {
    return { gateway: await startInBackground(paths, program, { freePort: true }), started: true };
  } catch (error) {
    const other = await waitForAnother(paths, error);
    return { gateway: other, started: false };
  }
}

/** Whoever lost the race for the lock waits for the winner to listen. */
async function waitForAnother(paths: Paths, error: unknown): Promise<GatewayRecord> {
  if (!(error instanceof MoltbotError) || error.code !== 'GATEWAY_RUNNING') throw error;
  for (let waitedMs = 0; waitedMs < START_LIMIT_MS; waitedMs += LOOK_EVERY_MS) {
    const running = readRunningGateway(paths);
    if (running && (await isAnswering(running.url))) return running;
    await sleep(LOOK_EVERY_MS);
  }
  throw error;
}

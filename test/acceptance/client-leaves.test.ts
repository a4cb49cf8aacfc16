import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { ReceivedRequest } from '../../src/simulator/received.ts';
import type { Simulator } from '../../src/simulator/simulator.ts';
import { outputUntil, startCli } from '../fakes/cli.ts';
import { TestGateway } from '../fakes/test-gateway.ts';
import { CLAUDE, QUESTION, QUIET } from './claude.ts';
import { Machine, type Rule } from './machine.ts';
import { runSdk, startSdk } from './sdk.ts';

/** An answer that goes on for longer than any of these tests. */
const LONG: Rule = { answer: { deltas: 500 }, pacing: { perEventMs: 200 } };
/** The promise is a second; the rest is for a busy machine. */
const SOON_MS = 2_000;

const environment = ({ url, token }: TestGateway) => ({
  ANTHROPIC_BASE_URL: `${url}/v1/proxy/anthropic`,
  ANTHROPIC_AUTH_TOKEN: token,
});

describe('upstream is let go within a second of a client', () => {
  it('that aborts its stream', async () => {
    await using gateway = await TestGateway.start({ profiles: ['first'], script: { rules: [LONG] } });
    const [aborted] = await runSdk('anthropic-sdk', ['abort'], environment(gateway));
    const { error, atMs } = aborted!.value as { error: string; atMs: number };
    expect(error).toBe('APIUserAbortError');
    expect((await leftAtMs(gateway.simulator)) - atMs).toBeLessThan(SOON_MS);
    expect(gateway.states()).toEqual([]);
  });

  it.each(['SIGTERM', 'SIGKILL'] as const)('whose process gets %s', async (signal) => {
    await using gateway = await TestGateway.start({ profiles: ['first'], script: { rules: [LONG] } });
    const program = startSdk('anthropic-sdk', ['hang'], environment(gateway));
    await outputUntil(program, /streaming/);
    program.kill(signal);
    const killedAtMs = Date.now();
    expect((await leftAtMs(gateway.simulator)) - killedAtMs).toBeLessThan(SOON_MS);
    expect(gateway.states()).toEqual([]);
  });

  // On SIGINT it writes down what it has and calls that a success, with or without a gateway.
  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 0],
  ] as const)('Claude Code, when "moltbot run" gets %s, and exits as it does', async (signal, code) => {
    await using machine = await Machine.start({ rules: [LONG] });
    const run = startCli(machine.home, ['run', '--', CLAUDE, ...QUESTION], { env: QUIET });
    const exited = once(run, 'exit');
    await until(() => (machine.simulator.requests[0]?.eventsSent ?? 0) > 3);
    run.kill(signal);
    const killedAtMs = Date.now();
    expect(await exited).toEqual([code, null]);
    expect((await leftAtMs(machine.simulator)) - killedAtMs).toBeLessThan(SOON_MS);
    expect(await machine.json('active')).toEqual({ schemaVersion: 1, items: [] });
  });
});

/** When the provider saw that its one request was given up. */
async function leftAtMs(simulator: Simulator): Promise<number> {
  await until(() => simulator.requests[0]?.endedAtMs != null);
  const [request] = simulator.requests as [ReceivedRequest];
  expect(request.closedEarly).toBe(true);
  expect(simulator.requests).toHaveLength(1);
  return request.endedAtMs!;
}

async function until(isSo: () => boolean): Promise<void> {
  for (let waitedMs = 0; !isSo(); waitedMs += 20) {
    if (waitedMs > 30_000) throw new Error('It did not happen in 30 s.');
    await sleep(20);
  }
}

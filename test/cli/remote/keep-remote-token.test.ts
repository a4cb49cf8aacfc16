import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { rotateAgentKey } from '../../../src/agents/change-agent-keys.ts';
import { type App, openApp } from '../../../src/app.ts';
import { keepRemoteToken } from '../../../src/cli/remote/keep-remote-token.ts';
import { DAY_MS, MINUTE_MS } from '../../../src/core/time.ts';
import { booksOver } from '../../fakes/agent-books.ts';
import { type CliHome, cliHome } from '../../fakes/cli.ts';
import { TestGateway } from '../../fakes/test-gateway.ts';

let gateway: TestGateway;
let home: CliHome;
let app: App;
beforeEach(async () => {
  gateway = await TestGateway.start();
  home = cliHome();
  app = openApp(home.env, undefined, () => gateway.now());
});
afterEach(async () => {
  app.close();
  home.remove();
  await gateway[Symbol.asyncDispose]();
});

function enrolled() {
  const keyFile = join(home.directory, 'agent.key');
  const by = { actor: 'person:ann', nowMs: gateway.now() } as const;
  const { key } = rotateAgentKey(booksOver(gateway.database), 'main', { kind: 'key', graceMs: 0 }, by);
  writeFileSync(keyFile, key.reveal(), { mode: 0o600 });
  return {
    agentId: 'main',
    serverUrl: gateway.url,
    fingerprint: null,
    certificate: null,
    providers: ['anthropic'],
    keyFile,
    enrollmentId: null,
    code: '',
    createdAtMs: gateway.now(),
  };
}

async function minutesLeft(accessor: string, atLeast: number): Promise<number> {
  for (let tries = 0; ; tries++) {
    const left = Math.round((gateway.tokens.find(accessor)!.expiresAtMs - gateway.now()) / MINUTE_MS);
    if (left >= atLeast || tries === 100) return left;
    await sleep(20);
  }
}

it('the token of a running program is renewed there when half of its time is over, and ended with the program', async () => {
  const kept = await keepRemoteToken(app, enrolled(), { label: 'run: test' }, 5);
  gateway.move(4 * MINUTE_MS);
  await sleep(50);
  expect(await minutesLeft(kept.accessor, 0)).toBe(6);
  gateway.move(2 * MINUTE_MS);
  expect(await minutesLeft(kept.accessor, 10)).toBe(10);
  gateway.move(8 * 60 * MINUTE_MS);
  expect(await minutesLeft(kept.accessor, 10)).toBe(10);
  await kept.end();
  expect(gateway.tokens.find(kept.accessor)?.revokedAtMs).toEqual(expect.any(Number));
});

it('stays expired after a sleep of more than a day, and ends without a word where the gateway is gone', async () => {
  const kept = await keepRemoteToken(app, enrolled(), { label: 'run: test' }, 5);
  gateway.move(DAY_MS + 11 * MINUTE_MS);
  await sleep(50);
  expect(await minutesLeft(kept.accessor, -9_999)).toBeLessThan(0);
  await gateway.stop();
  await kept.end();
});

import { askEnrollment, PENDING_FOR_MS } from '../../src/agents/ask-enrollment.ts';
import { rotateAgentKey } from '../../src/agents/change-agent-keys.ts';
import { addAgent } from '../../src/agents/change-agents.ts';
import { approveEnrollment, pendingEnrollment } from '../../src/agents/change-enrollments.ts';
import { DAY_MS, formatTime, HOUR_MS, MINUTE_MS } from '../../src/core/time.ts';
import { booksOf, tester, tokenOf } from './gateway-agents.ts';
import { TestGateway } from './test-gateway.ts';

/**
 * A process of its own, so that it has a time zone of its own (`TZ`): `time-zone-child.ts <epoch ms>`. Prints as JSON what
 * is valid a second before and a second after its end, for everything that ends, when the clock stood there at the start.
 */
const startMs = Number(process.argv[2]);
const GRACE_MS = 10 * MINUTE_MS;

if (import.meta.main) process.stdout.write(JSON.stringify(await endings()));

async function endings(): Promise<Record<string, readonly unknown[]>> {
  await using gateway = await TestGateway.start({
    standsAtMs: startMs,
    // A setup-token serves other clients than Claude Code where a person names it.
    config: { auth: { order: { anthropic: ['anthropic:first', 'anthropic:ending'] } } },
    profiles: ['first', { name: 'ending', agentId: 'lender', type: 'token', expiresAtMs: startMs + DAY_MS }],
  });
  const books = booksOf(gateway);
  const by = tester(gateway);
  const rotate = (agentId: string) =>
    rotateAgentKey(books, agentId, { kind: 'key', graceMs: GRACE_MS }, tester(gateway)).key.reveal();
  const shortLived = tokenOf(gateway, 'main', {}, { ttlMs: HOUR_MS });
  addAgent(books, 'guest', { expiresAtMs: startMs + DAY_MS }, by);
  const oldKey = rotate('main');
  rotate('main');
  const { enrollment } = askEnrollment(
    books,
    { name: 'elsewhere', providers: ['anthropic'], reason: 'x', source: 'y' },
    startMs,
  );
  const later = askEnrollment(
    books,
    { name: 'another-one', providers: ['anthropic'], reason: 'x', source: 'y' },
    startMs,
  );

  const proxy = async (token: string) => {
    const answer = await gateway.post({ token });
    await answer.arrayBuffer();
    return `${answer.status} ${answer.headers.get('x-moltbot-error') ?? 'served'}`;
  };
  const buy = async (key: string) =>
    (await fetch(`${gateway.url}/v1/tokens`, { method: 'POST', headers: { authorization: `Bearer ${key}` } })).status;
  /** A second before that time, and a second after it. */
  const around = async (endMs: number, look: () => unknown) => {
    const seen: unknown[] = [formatTime(startMs + endMs)];
    for (const atMs of [endMs - 1_000, endMs + 1_000]) {
      gateway.clock.offsetMs = atMs;
      seen.push(await look());
    }
    return seen;
  };
  const approve = (id: string) => {
    try {
      const shown = pendingEnrollment(books, id, gateway.now());
      return approveEnrollment(books, shown, {}, tester(gateway)).policy;
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  const ids = [enrollment.id, later.enrollment.id];
  return {
    grace: await around(GRACE_MS, () => buy(oldKey)),
    token: await around(HOUR_MS, () => proxy(shortLived)),
    enrolment: await around(PENDING_FOR_MS, () => approve(ids.shift()!)),
    agent: await around(DAY_MS, () => proxy(tokenOf(gateway, 'guest'))),
    credential: await around(DAY_MS, () => proxy(tokenOf(gateway, 'lender'))),
  };
}

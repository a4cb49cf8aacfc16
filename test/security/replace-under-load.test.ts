import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { runCli } from '../fakes/cli.ts';
import { getToken, messages, runGateway, setUpCli } from './cli-gateway.ts';

const PER_SECOND = 50;
const SMALL = { model: 'claude-haiku-4-5', max_tokens: 20, messages: [{ role: 'user', content: 'Hi' }] };

it('a key replaced under 50 requests a second fails none of them, and none uses the old one afterwards', async () => {
  await using setup = await setUpCli({}, 'old');
  const { home, simulator } = setup;
  simulator.setScript({ rules: [{ model: 'claude-opus-4-5', pacing: { perEventMs: 400 } }] });
  const gateway = await runGateway(home);
  const { token } = await getToken(home, '--ttl', '1h');
  simulator.forgetRequests();

  const load = startLoad((stream) => messages(gateway.url, token, { ...SMALL, stream }));
  await setTimeout(1_000);
  const running = messages(gateway.url, token, { ...SMALL, model: 'claude-opus-4-5', stream: true });
  await setTimeout(200);
  const input = simulator.issueKey('anthropic', 'new');
  const replaced = await runCli(home, ['models', 'auth', 'replace', 'anthropic:default', '--stdin', '--json'], {
    input,
  });
  const returnedAtMs = Date.now();
  expect(JSON.parse(replaced.stdout)).toMatchObject({ profileId: 'anthropic:default', replaced: true });
  await setTimeout(1_000);
  const outcomes = await load.stop();

  expect(outcomes.filter((outcome) => outcome !== 'whole 200')).toEqual([]);
  expect(outcomes.length).toBeGreaterThan(2 * PER_SECOND);
  expect(await (await running).text()).toContain('message_stop');
  const seen = (isLate: boolean) =>
    simulator.requests
      .filter(({ receivedAtMs }) => receivedAtMs > returnedAtMs === isLate)
      .map(({ credentials }) => credentials.map(({ name }) => name).join());
  expect(new Set(seen(true))).toEqual(new Set(['new']));
  expect(seen(true).length).toBeGreaterThan(PER_SECOND / 2);
  expect(new Set(seen(false))).toEqual(new Set(['old', 'new']));
  await gateway.kill();
});

/** Sends by the clock, so that a slow moment is made up for; every second request is a stream. */
function startLoad(send: (stream: boolean) => Promise<Response>): { stop(): Promise<string[]> } {
  const startedAtMs = performance.now();
  const sent: Promise<string>[] = [];
  const timer = setInterval(() => {
    const due = ((performance.now() - startedAtMs) / 1_000) * PER_SECOND;
    while (sent.length < due) sent.push(outcomeOf(send(sent.length % 2 === 0), sent.length % 2 === 0));
  }, 5);
  return {
    stop: () => {
      clearInterval(timer);
      return Promise.all(sent);
    },
  };
}

async function outcomeOf(answer: Promise<Response>, stream: boolean): Promise<string> {
  try {
    const response = await answer;
    const text = await response.text();
    const isWhole = stream ? text.includes('message_stop') : text.includes('"usage"');
    return `${isWhole ? 'whole' : 'broken'} ${response.status}`;
  } catch (error) {
    return `failed: ${String(error)}`;
  }
}

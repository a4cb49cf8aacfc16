import { serveGateway } from '../gateway-process/serve.ts';
import { nextSignal } from '../gateway-process/signals.ts';
import { clientBaseUrl } from '../run/client-base-url.ts';
import { type KeptToken, keepToken } from '../run/kept-token.ts';
import { type DemoAnswer, demoCurl, sendDemoRequest } from './demo-request.ts';
import { type DemoFacts, demoStory } from './demo-story.ts';
import { type DemoWorld, openDemoWorld } from './demo-world.ts';

/** What the demo came to, for a program. */
export interface DemoResult {
  /** Where a client calls, and what it shows there. */
  readonly baseUrl: string;
  readonly token: string;
  readonly simulatorUrl: string;
  /** What another moltbot needs in its environment to look at the demo's home. */
  readonly environment: DemoWorld['environment'];
  readonly attempts: DemoFacts['attempts'];
  readonly answer: DemoAnswer;
}

/**
 * Shows on this machine alone what the gateway does when a credential fails, line by line, then goes on serving until a
 * signal or the end of its terminal, and deletes what it made. `program` is how a person types this command line;
 * `show` gets what happened as soon as it has.
 */
export async function runDemo(
  program: string,
  say: (line: string) => void,
  show: (result: DemoResult) => void = () => {},
): Promise<void> {
  const ended = nextSignal();
  const world = await openDemoWorld();
  try {
    const { record, stop } = await serveGateway(world.app, {});
    const kept = keepToken(world.app.stores(), { agentId: 'main', label: 'demo' }, world.app.now);
    try {
      show(await tellStory(world, record.url, kept, say));
      for (const line of whatNext(world, program, baseUrlOf(world, record.url), kept)) say(line);
      await ended;
    } finally {
      kept.end();
      await stop(1_000);
    }
  } finally {
    await world.close();
  }
}

async function tellStory(
  world: DemoWorld,
  gatewayUrl: string,
  kept: KeptToken,
  say: (line: string) => void,
): Promise<DemoResult> {
  const { app, simulator } = world;
  say('moltbot demo: everything happens on this machine, nothing costs anything.');
  say(`Simulator (a provider that fails on demand): ${simulator.url}`);
  say('  It knows two Anthropic keys; the first one is rate limited for 120 s.');
  say(`Gateway: ${gatewayUrl}`);
  say('  It keeps both keys in a vault. Clients show it a token that lives for minutes, never a key.');
  say('One request goes through the gateway …');
  const baseUrl = baseUrlOf(world, gatewayUrl);
  const answer = await sendDemoRequest(baseUrl, kept.token);
  const attempts = simulator.requests.map(({ credentials, status }) => ({
    profileId: `anthropic:${credentials[0]?.name ?? 'unknown'}`,
    status,
  }));
  for (const line of demoStory({ attempts, health: app.stores().health.list(), answer, nowMs: app.now() })) say(line);
  const { environment } = world;
  return { baseUrl, token: kept.token.reveal(), simulatorUrl: simulator.url, environment, attempts, answer };
}

function whatNext({ environment }: DemoWorld, program: string, baseUrl: string, kept: KeptToken): string[] {
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  return [
    '',
    'Try it yourself:',
    `  ${demoCurl(baseUrl, kept.token)}`,
    'See why the first key is not used:',
    `  ${variables.join(' ')} ${program} models auth why anthropic:first`,
    'With a key of your own:',
    `  ${program} onboard`,
    'The demo goes on serving. Ctrl-C ends it and deletes what it made.',
  ];
}

function baseUrlOf({ app }: DemoWorld, gatewayUrl: string): string {
  return clientBaseUrl(gatewayUrl, app.providers().get('anthropic')!);
}

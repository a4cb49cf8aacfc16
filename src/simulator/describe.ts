import { printable } from '../core/text.ts';
import { formatTime } from '../core/time.ts';
import type { IssuedKey } from './keys.ts';
import type { ReceivedRequest } from './received.ts';
import type { Family } from './script-schema.ts';
import type { Simulator } from './simulator.ts';

const ONBOARD_FLAG: Record<Family, string> = {
  anthropic: '--anthropic-api-key',
  openai: '--openai-api-key',
  xai: '--xai-api-key',
};

/** What a person needs to use a running simulator. Its keys are shown whole: they open nothing else. */
export function describeSimulator({ url, baseUrls, keys }: Pick<Simulator, 'url' | 'baseUrls' | 'keys'>): string {
  return [
    `Simulator on ${url}. Answers are made up and cost nothing; Ctrl-C stops it.`,
    '',
    ...(keys.length === 0 ? ['It has issued no keys.'] : ['Keys it takes (they open nothing else):']),
    ...keys.map(({ provider, name, key }) => `  ${provider.padEnd(10)}${name.padEnd(14)}${key}`),
    '',
    'Give them to moltbot:',
    ...keys.map((key) => `  ${storeCommand(key, baseUrls[key.provider])}`),
    '',
    'See what it received, change what it does:',
    `  curl ${url}/__simulator/requests`,
    `  curl ${url}/__simulator/script -d '{ rules: [{ first: 2, fail: { kind: "error", error: "overloaded" } }] }'`,
    '',
  ].join('\n');
}

function storeCommand({ provider, name, type, key }: IssuedKey, baseUrl: string): string {
  const rest = `--profile-id ${provider}:${name} --base-url ${baseUrl}`;
  if (type === 'token') return `printf %s ${key} | moltbot models auth paste-token --provider ${provider} ${rest}`;
  return `moltbot onboard ${ONBOARD_FLAG[provider]} ${key} ${rest}`;
}

/** One line for one request that has ended. */
export function lineOf(received: ReceivedRequest): string {
  const { method, path, credentials, model, status, failure, eventsSent, closedEarly } = received;
  const who = credentials.map(({ name, fingerprint }) => name ?? fingerprint).join('+') || 'no credential';
  const parts = [
    formatTime(received.receivedAtMs),
    `${method} ${path}`,
    who,
    model ?? '-',
    status ?? 'no answer',
    ...(eventsSent > 0 ? [`${eventsSent} events`] : []),
    ...(failure ? [`scripted: ${failure}`] : []),
    ...(closedEarly ? ['the client left'] : []),
  ];
  return printable(parts.join(' · '));
}

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Secret } from '../../src/core/secret.ts';
import { TestGateway } from '../fakes/test-gateway.ts';

export type Answer = (response: ServerResponse, key: string, request: IncomingMessage) => void | Promise<void>;

/** An upstream that does with our credential whatever a test wants, and a gateway whose `anthropic:first` leads to it. */
export interface HostileUpstream extends AsyncDisposable {
  readonly gateway: TestGateway;
  readonly key: string;
  readonly url: string;
  /** How many requests it got. */
  readonly count: () => number;
  /** What it does from now on. */
  answerWith(answer: Answer): void;
}

export async function startHostileUpstream(config: Record<string, unknown> = {}): Promise<HostileUpstream> {
  let answer: Answer = (response) => void response.end();
  let count = 0;
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      count += 1;
      void answer(response, String(request.headers['x-api-key']), request);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const gateway = await TestGateway.start({
    config: { ...config, models: { providers: { anthropic: { baseUrl: url } } } },
  });
  // With every character that the encodings write differently.
  const key = `sk-ant-sim-${'aB3_-x'.repeat(5)}~?/+`;
  await gateway.credentials.save(
    {
      agentId: 'main',
      profileId: 'anthropic:first',
      provider: 'anthropic',
      type: 'api_key',
      secret: new Secret(key),
      origin: url,
      baseUrl: null,
      expiresAtMs: null,
      expiryAssumed: false,
    },
    gateway.now(),
  );
  return {
    gateway,
    key,
    url,
    count: () => count,
    answerWith: (given) => {
      answer = given;
    },
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      server.closeAllConnections();
      server.close();
    },
  };
}

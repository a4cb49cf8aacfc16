import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MoltbotError, systemCode } from '../core/errors.ts';
import type { CredentialType } from '../providers/provider.ts';
import { CONTROL_PREFIX, control } from './control.ts';
import type { IssuedKey } from './keys.ts';
import type { ReceivedRequest } from './received.ts';
import { SCENARIOS, type ScenarioName } from './scenarios.ts';
import { newScene, type Scene } from './scene.ts';
import { parseScript } from './script.ts';
import type { Family, Pacing, Script, ScriptInput } from './script-schema.ts';
import { serve } from './serve.ts';

export interface SimulatorOptions {
  /** 0, the default: any free one. */
  readonly port?: number;
  readonly script?: ScriptInput;
  readonly scenario?: ScenarioName;
  /** Take every credential, or none. */
  readonly acceptAny?: boolean;
  /** How many requests are remembered, the latest; 500 unless said, 0 remembers none. */
  readonly keepRequests?: number;
  /** How much of each body is remembered, 256 KB unless said; its digest always covers all of it. */
  readonly keepBodyBytes?: number;
  /** Pace of all answers, where the script sets none. */
  readonly pacing?: Pacing;
  /** Called when a request has ended, however it ended. */
  readonly onEnded?: (received: ReceivedRequest) => void;
}

export interface Simulator {
  readonly port: number;
  /** `http://127.0.0.1:PORT`; also the base URL for Anthropic. */
  readonly url: string;
  readonly baseUrls: Readonly<Record<Family, string>>;
  /** Oldest first; the array stays the same one. */
  readonly requests: readonly ReceivedRequest[];
  readonly keys: readonly IssuedKey[];
  /** Makes a key known and returns it; the same provider, type and name give the same key. */
  issueKey(provider: Family, name: string, type?: CredentialType): string;
  /** Takes the place of script, rules and counts. Keys issued before stay valid. */
  setScript(script: ScriptInput): void;
  setScenario(name: ScenarioName): void;
  /** Adds rules behind those that are there. */
  addRules(...rules: NonNullable<ScriptInput['rules']>): void;
  forgetRequests(): void;
  /** Cuts what is open. */
  close(): Promise<void>;
}

/**
 * Starts a provider that behaves on demand, on loopback. One origin stands for all families: Anthropic at `/v1`,
 * OpenAI at `/openai/v1`, xAI at `/xai/v1` (and all at `/v1`, told apart by route and key).
 *
 * @throws MoltbotError PORT_TAKEN · CONFIG_INVALID for a wrong script
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  let url = '';
  const scene = newScene(options, () => url);
  scene.apply(firstScript(options), true);
  const server = newServer(scene);
  const port = await listen(server, options.port ?? 0);
  url = `http://127.0.0.1:${port}`;
  return {
    port,
    url,
    baseUrls: { anthropic: url, openai: `${url}/openai/v1`, xai: `${url}/xai/v1` },
    requests: scene.requests,
    get keys() {
      return scene.keys();
    },
    issueKey: scene.issueKey,
    setScript: (script) => scene.apply(parseScript(script), true),
    setScenario: (name) => scene.apply(parseScript(SCENARIOS[name]), true),
    addRules: (...rules) => scene.apply(parseScript({ rules }), false),
    forgetRequests: scene.forget,
    close: () => close(server),
  };
}

/** A scenario and a script together: keys and rules of both, the scenario's first; else the script's word counts. */
function firstScript({ scenario, script = {} }: SimulatorOptions): Script {
  const base: ScriptInput = scenario ? SCENARIOS[scenario] : {};
  const keys = [...(base.keys ?? []), ...(script.keys ?? [])];
  const rules = [...(base.rules ?? []), ...(script.rules ?? [])];
  return parseScript({ ...base, ...script, keys, rules });
}

function newServer(scene: Scene): Server {
  const server = createServer({ maxHeaderSize: 131_072, keepAliveTimeout: 75_000, requestTimeout: 0 });
  server.on('request', (request, response) => {
    const isControl = request.url!.startsWith(CONTROL_PREFIX);
    const served = isControl ? control(scene, request, response) : serve(scene.stage, request, response);
    served.catch((error: unknown) => answerBug(response, error));
  });
  return server;
}

/** A mistake of the simulator itself must not look like a failure that a script asked for. */
function answerBug(response: ServerResponse, error: unknown): void {
  if (response.headersSent) return void response.destroy();
  response.writeHead(500, { 'content-type': 'text/plain', 'x-moltbot-simulated': 'bug' });
  response.end(`The simulator failed: ${error instanceof Error ? error.message : 'unknown'}\n`);
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => reject(listenError(cause, port)));
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

function listenError(cause: unknown, port: number): MoltbotError {
  const taken = systemCode(cause) === 'EADDRINUSE';
  return new MoltbotError('PORT_TAKEN', `Port ${port} ${taken ? 'is taken' : 'cannot be opened'}.`, {
    hint: 'Choose another, or a free one: moltbot simulate --port 0',
    cause,
  });
}

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

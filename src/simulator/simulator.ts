import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MoltbotError, systemCode } from '../core/errors.ts';
import type { CredentialType } from '../providers/provider.ts';
import { newBook } from './book.ts';
import { CONTROL_PREFIX, control } from './control.ts';
import { newRules } from './failures.ts';
import { type IssuedKey, makeKey } from './keys.ts';
import { KNOWN_MODELS } from './models.ts';
import type { ReceivedRequest } from './received.ts';
import { SCENARIOS, type ScenarioName } from './scenarios.ts';
import { parseScript } from './script.ts';
import type { Family, Pacing, Script, ScriptInput } from './script-schema.ts';
import { type Stage, serve } from './serve.ts';

export interface SimulatorOptions {
  /** 0, the default: any free one. */
  readonly port?: number;
  readonly script?: ScriptInput;
  readonly scenario?: ScenarioName;
  /** Take every credential, or none. */
  readonly acceptAny?: boolean;
  /** How many requests are remembered, the latest. 0 remembers none. */
  readonly keepRequests?: number;
  /** How much of each body is remembered; its digest always covers all of it. */
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

const MEGABYTE = 1_048_576;

/**
 * Starts a provider that behaves on demand, on loopback. One origin stands for all families: Anthropic at `/v1`,
 * OpenAI at `/openai/v1`, xAI at `/xai/v1` (and all at `/v1`, told apart by route and key).
 *
 * @throws MoltbotError PORT_TAKEN · CONFIG_INVALID for a wrong script
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const keepRequests = options.keepRequests ?? 1000;
  const requests: ReceivedRequest[] = [];
  const keys = new Map<string, IssuedKey>();
  const issueKey = (provider: Family, name: string, type: CredentialType = 'api_key') => {
    const issued = makeKey(provider, name, type);
    keys.set(issued.key, issued);
    return issued.key;
  };
  let url = '';
  const stage: Stage = {
    book: newBook(KNOWN_MODELS, Date.now()),
    rules: newRules(parseScript({})),
    origin: () => url,
    findKey: (text) => keys.get(text),
    acceptAny: options.acceptAny ?? false,
    keepBodyBytes: options.keepBodyBytes ?? MEGABYTE,
    record: (received) => remember(requests, received, keepRequests),
    ended: options.onEnded ?? (() => {}),
  };
  const apply = (script: Script, replace: boolean) => {
    for (const { provider, name, type } of script.keys) issueKey(provider, name, type);
    for (const model of script.models) stage.book.models.add(model);
    if (replace) stage.rules = newRules(withPacing(script, options.pacing));
    else stage.rules.add(script.rules);
  };
  const forgetRequests = () => {
    requests.length = 0;
  };
  apply(firstScript(options), true);
  const controls = { requests, keys: () => shownKeys(keys), forget: forgetRequests, apply };
  const server = createServer({ maxHeaderSize: 131_072, keepAliveTimeout: 75_000, requestTimeout: 0 });
  server.on('request', (request, response) => {
    const isControl = request.url!.startsWith(CONTROL_PREFIX);
    const served = isControl ? control(controls, request, response) : serve(stage, request, response);
    // A client that leaves in the middle of a body is the only thing that ends here; it is noted in the record.
    served.catch(() => response.destroy());
  });
  const port = await listen(server, options.port ?? 0);
  url = `http://127.0.0.1:${port}`;
  return {
    port,
    url,
    baseUrls: { anthropic: url, openai: `${url}/openai/v1`, xai: `${url}/xai/v1` },
    requests,
    get keys() {
      return [...keys.values()];
    },
    issueKey,
    setScript: (script) => apply(parseScript(script), true),
    setScenario: (name) => apply(parseScript(SCENARIOS[name]), true),
    addRules: (...rules) => apply(parseScript({ rules }), false),
    forgetRequests,
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

function withPacing(script: Script, pacing: Pacing | undefined): Script {
  return pacing ? { ...script, pacing: { ...pacing, ...script.pacing } } : script;
}

/** Cut back in one go now and then, so that remembering stays cheap. */
function remember(requests: ReceivedRequest[], received: ReceivedRequest, keep: number): void {
  if (keep === 0) return;
  requests.push(received);
  if (requests.length >= keep * 2) requests.splice(0, requests.length - keep);
}

function shownKeys(keys: ReadonlyMap<string, IssuedKey>) {
  return [...keys.values()].map(({ provider, name, type, fingerprint }) => ({ provider, name, type, fingerprint }));
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

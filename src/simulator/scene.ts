import type { CredentialType } from '../providers/provider.ts';
import { newBook } from './book.ts';
import type { Controls } from './control.ts';
import { newRules } from './failures.ts';
import { type IssuedKey, makeKey } from './keys.ts';
import { KNOWN_MODELS } from './models.ts';
import type { ReceivedRequest } from './received.ts';
import type { Family, Pacing, Script } from './script-schema.ts';
import type { Stage } from './serve.ts';
import type { SimulatorOptions } from './simulator.ts';

const KEEP_BODY_BYTES = 262_144;

/** The memory of one simulator, and what may be done with it while it runs. */
export interface Scene extends Controls {
  readonly stage: Stage;
  keys(): IssuedKey[];
  issueKey(provider: Family, name: string, type?: CredentialType): string;
}

export function newScene(options: SimulatorOptions, origin: () => string): Scene {
  const requests: ReceivedRequest[] = [];
  const keys = new Map<string, IssuedKey>();
  const stage = newStage(options, origin, keys, requests);
  const issueKey = (provider: Family, name: string, type: CredentialType = 'api_key') => {
    const issued = makeKey(provider, name, type);
    keys.set(issued.key, issued);
    return issued.key;
  };
  return {
    stage,
    requests,
    keys: () => [...keys.values()],
    issueKey,
    forget() {
      requests.length = 0;
    },
    apply(script, replace) {
      for (const { provider, name, type } of script.keys) issueKey(provider, name, type);
      for (const model of script.models) stage.book.models.add(model);
      if (replace) stage.rules = newRules(withPacing(script, options.pacing));
      else stage.rules.add(script.rules);
    },
  };
}

function newStage(
  { acceptAny = false, keepBodyBytes = KEEP_BODY_BYTES, keepRequests = 500, onEnded = () => {} }: SimulatorOptions,
  origin: () => string,
  keys: ReadonlyMap<string, IssuedKey>,
  requests: ReceivedRequest[],
): Stage {
  return {
    book: newBook(KNOWN_MODELS, Date.now()),
    rules: newRules({ seed: 1, keys: [], models: [], answer: {}, pacing: {}, rules: [] }),
    origin,
    findKey: (text) => keys.get(text),
    acceptAny,
    keepBodyBytes,
    record: (received) => remember(requests, received, keepRequests),
    ended: onEnded,
  };
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

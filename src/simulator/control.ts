import type { IncomingMessage, ServerResponse } from 'node:http';
import JSON5 from 'json5';
import { isMoltbotError } from '../core/errors.ts';
import { readBody } from './body.ts';
import type { IssuedKey } from './keys.ts';
import type { ReceivedRequest } from './received.ts';
import { parseScript } from './script.ts';
import type { Script } from './script-schema.ts';

/** What the control routes may do with their simulator. */
export interface Controls {
  readonly requests: readonly ReceivedRequest[];
  keys(): readonly IssuedKey[];
  forget(): void;
  /** Adds the rules of a script; with `replace` the script takes the place of all that was there. */
  apply(script: Script, replace: boolean): void;
}

export const CONTROL_PREFIX = '/__simulator/';

const TOO_LARGE = { status: 413, value: { error: 'A script may have at most 1 MB.' } };

/**
 * `GET requests` · `DELETE requests` · `GET keys` (without the keys) · `POST script` (adds rules) · `PUT script`
 * (replaces all): so that another process or a person can look and steer.
 */
export async function control(controls: Controls, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await readBody(request, 1_048_576);
  if (body === 'left') return;
  const action = `${request.method} ${request.url!.slice(CONTROL_PREFIX.length)}`;
  const { status, value } = body === 'too large' ? TOO_LARGE : act(controls, action, body);
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(value, null, 2)}\n`);
}

function act(controls: Controls, action: string, body: Buffer): { status: number; value: unknown } {
  switch (action) {
    case 'GET requests':
      return { status: 200, value: { requests: controls.requests.map(shown) } };
    case 'DELETE requests':
      controls.forget();
      return { status: 200, value: { requests: [] } };
    case 'GET keys':
      return { status: 200, value: { keys: controls.keys().map(({ key: _, ...rest }) => rest) } };
    case 'POST script':
    case 'PUT script':
      return applyScript(controls, body, action === 'PUT script');
    default:
      return { status: 404, value: { error: 'There are: requests (GET, DELETE), keys (GET), script (POST, PUT).' } };
  }
}

function applyScript(controls: Controls, body: Buffer, replace: boolean): { status: number; value: unknown } {
  try {
    const script = parseScript(JSON5.parse(body.toString('utf8')));
    controls.apply(script, replace);
    return { status: 200, value: { rules: script.rules.length, replaced: replace } };
  } catch (error) {
    const text = isMoltbotError(error) ? error.message : 'The script is not JSON5.';
    return { status: 400, value: { error: text } };
  }
}

/** Bodies of clients hold prompts and may be large: text up to 64 KB is shown, else only digest and length. */
function shown({ body, ...rest }: ReceivedRequest): object {
  return { ...rest, bodyText: body.length <= 65_536 ? body.toString('utf8') : null };
}

import { isWellFormedAgentKey } from '../../agents/agent-key.ts';
import type { EnrolledAgent } from '../../agents/enrolled-store.ts';
import type { App } from '../../app.ts';
import { MoltbotError } from '../../core/errors.ts';
import { Secret } from '../../core/secret.ts';
import { askToken, endRemote } from './agent-calls.ts';
import { assertFree, type EnrollHere, newPlace, recordEnrolled, type WaitingAgent } from './enroll-here.ts';
import { findEnrolled, serverOf } from './enrolled-agent.ts';
import { placeOf } from './identity-place.ts';
import { pinServer } from './pin-server.ts';

/**
 * Takes over an agent key that a person on the gateway host made (`agents rotate-key`): for an agent that is new here, or
 * in the place of the key it has. It is tried before it is kept, and only with the pinned server.
 * USAGE, AGENT_KEY_REJECTED, and what `enrollHere` fails with; then nothing has changed.
 */
export async function adoptKey(app: App, wish: EnrollHere, text: Secret): Promise<WaitingAgent> {
  const key = new Secret(text.reveal().trim());
  if (!isWellFormedAgentKey('key', key.reveal())) throw noAgentKey();
  const earlier = findEnrolled(app, wish.name);
  const isSame = earlier !== undefined && earlier.serverUrl === wish.server.url;
  const enrolled = isSame ? earlier : await newHere(app, wish);
  await tryOut(enrolled, key);
  const place = isSame ? placeOf(app, earlier) : await newPlace(app, wish);
  await place.set(key, enrolled.serverUrl);
  const adopted = { ...enrolled, keyFile: place.keyFile, enrollmentId: null };
  recordEnrolled(app, isSame ? 'agent_key.replaced' : 'agent_key.created', adopted);
  return { enrolled: adopted, place };
}

async function newHere(app: App, wish: EnrollHere): Promise<EnrolledAgent> {
  assertFree(app, wish.name, findEnrolled(app, wish.name));
  const pinned = await pinServer(wish.server, wish.fingerprint, wish.note);
  return {
    agentId: wish.name,
    serverUrl: wish.server.url,
    fingerprint: pinned?.fingerprint ?? null,
    certificate: pinned?.pem ?? null,
    providers: wish.providers,
    keyFile: null,
    enrollmentId: null,
    code: '',
    createdAtMs: app.now(),
  };
}

/** A token for a minute shows whose key it is; it is ended at once. */
async function tryOut(enrolled: EnrolledAgent, key: Secret): Promise<void> {
  const server = serverOf(enrolled);
  const { agentId, accessor } = await askToken(server, key, { ttl: '1m', label: 'enroll' });
  await endRemote(server, key, accessor);
  if (agentId === enrolled.agentId) return;
  throw new MoltbotError('AGENT_KEY_REJECTED', `That is the key of another agent than "${enrolled.agentId}".`, {
    hint: 'Give the name it has on the gateway host: --name <name>',
  });
}

function noAgentKey(): MoltbotError {
  return new MoltbotError('WRONG_CREDENTIAL_KIND', 'What stdin holds is not an agent key.', {
    hint: 'The gateway host makes one: moltbot agents rotate-key <name>',
  });
}

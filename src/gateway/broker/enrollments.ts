import { hashToken } from '../../agents/access-token.ts';
import { askEnrollment } from '../../agents/ask-enrollment.ts';
import { collectEnrollment } from '../../agents/change-enrollments.ts';
import { type Enrollment, EnrollmentStore } from '../../agents/enrollment-store.ts';
import { isMoltbotError, MoltbotError } from '../../core/errors.ts';
import { findProvider } from '../../providers/registry.ts';
import { draining } from '../admit/draining.ts';
import { NO_STORE, sendJson } from '../answer/send-json.ts';
import { presentedTokens } from '../headers/credentials.ts';
import type { BrokerCall } from './broker-call.ts';
import { failedLogin } from './failed-login.ts';
import { enrollmentFields } from './fields.ts';
import { readFields } from './read-fields.ts';

/**
 * `POST /v1/enrollments`: an agent elsewhere asks to be let in. Anybody who reaches the listener may ask, so refusals are
 * throttled like failed logins: they would tell which names are taken.
 */
export async function askForEnrollment({ gateway, exchange }: BrokerCall): Promise<void> {
  const fields = await readFields(exchange, enrollmentFields);
  gateway.refresh();
  if (gateway.isDraining()) throw draining();
  for (const id of fields.providers) findProvider(gateway.providers(), id);
  const source = exchange.request.socket.remoteAddress ?? 'unknown';
  try {
    const { enrollment, pollToken } = askEnrollment(gateway.books, { ...fields, source }, gateway.now());
    const { id, code, expiresAtMs } = enrollment;
    sendJson(exchange, 201, { id, code, pollToken: pollToken.reveal(), expiresAt: expiresAtMs }, NO_STORE);
  } catch (error) {
    if (!isMoltbotError(error, 'ALREADY_EXISTS')) throw error;
    throw failedLogin(gateway, exchange, error);
  }
}

/**
 * `GET /v1/enrollments/{id}` with the poll token as Bearer: how far it is. The first answer after an approval carries the
 * agent key, which is made then; later ones do not.
 */
export function showEnrollment(call: BrokerCall): void {
  const { gateway, exchange } = call;
  const { books, now } = gateway;
  const enrollment = authenticatePoll(call);
  const { id, name, state, expiresAtMs: expiresAt } = enrollment;
  const agentKey = state === 'approved' ? collectEnrollment(books, enrollment, now()) : undefined;
  if (agentKey) {
    const providers = books.agents.get(name)?.policy.providers ?? null;
    sendJson(exchange, 200, { id, state, agentId: name, providers, agentKey: agentKey.reveal() }, NO_STORE);
  } else {
    sendJson(exchange, 200, { id, state: state === 'approved' ? 'collected' : state, expiresAt }, NO_STORE);
  }
}

/** An unknown id and a wrong poll token look alike. */
function authenticatePoll({ gateway, exchange, id }: BrokerCall): Enrollment {
  gateway.refresh();
  const store = new EnrollmentStore(gateway.books.database);
  for (const text of presentedTokens(exchange.request.rawHeaders)) {
    const enrollment = store.findByPollHash(hashToken(text), gateway.now());
    if (enrollment?.id === id) return enrollment;
  }
  const rejected = new MoltbotError('AGENT_KEY_REJECTED', 'No enrolment waits for that poll token.', {
    hint: 'Send the poll token of this enrolment as "Authorization: Bearer …", within its time; or ask again.',
  });
  throw failedLogin(gateway, exchange, rejected);
}

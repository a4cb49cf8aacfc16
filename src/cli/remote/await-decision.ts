import { setTimeout as sleep } from 'node:timers/promises';
import type { EnrolledAgent } from '../../agents/enrolled-store.ts';
import type { App } from '../../app.ts';
import { isMoltbotError, MoltbotError } from '../../core/errors.ts';
import { formatDuration } from '../../core/time.ts';
import { askDecision, type Decision } from './agent-calls.ts';
import { forgetEnrolled, recordEnrolled, type WaitingAgent } from './enroll-here.ts';
import { serverOf } from './enrolled-agent.ts';

const ASK_EVERY_MS = 1_000;

/**
 * Waits until a person at the gateway has decided, and puts the agent key in its place. REQUEST_TIMEOUT when nobody has
 * by then (the question still stands), ENROLLMENT_DENIED, ENROLLMENT_NOT_FOUND when the question's time is over; after
 * the last two nothing of it is left here.
 */
export async function awaitDecision(app: App, waiting: WaitingAgent, timeoutMs: number): Promise<EnrolledAgent> {
  const endsAtMs = performance.now() + timeoutMs;
  for (;;) {
    const decision = await decisionOn(app, waiting);
    if (decision.state === 'approved') return letIn(app, waiting, decision);
    if (decision.state !== 'pending') throw await ended(app, waiting, decision.state);
    if (performance.now() >= endsAtMs) throw nobodyDecided(waiting.enrolled, timeoutMs);
    await sleep(ASK_EVERY_MS);
  }
}

async function decisionOn(app: App, waiting: WaitingAgent): Promise<Decision> {
  const pollToken = await waiting.place.get();
  if (!pollToken) throw await ended(app, waiting, 'collected');
  try {
    return await askDecision(serverOf(waiting.enrolled), waiting.enrolled.enrollmentId!, pollToken);
  } catch (error) {
    if (isMoltbotError(error, 'AGENT_KEY_REJECTED')) throw await ended(app, waiting, 'over');
    throw error;
  }
}

async function letIn(
  app: App,
  { enrolled: waiting, place }: WaitingAgent,
  { agentId, agentKey, providers }: Extract<Decision, { state: 'approved' }>,
): Promise<EnrolledAgent> {
  if (agentId !== waiting.agentId) {
    throw new MoltbotError('SERVER_UNTRUSTED', `${waiting.serverUrl} let in another agent than was asked for.`, {
      hint: `Forget it: moltbot unenroll ${waiting.agentId}`,
    });
  }
  // The key first: it is given out once.
  await place.set(agentKey, waiting.serverUrl);
  const enrolled = { ...waiting, providers: providers ?? waiting.providers, enrollmentId: null };
  recordEnrolled(app, 'enrollment.collected', enrolled);
  return enrolled;
}

async function ended(
  app: App,
  { enrolled, place }: WaitingAgent,
  how: 'denied' | 'collected' | 'over',
): Promise<MoltbotError> {
  await place.delete();
  forgetEnrolled(app, enrolled);
  const { agentId, serverUrl } = enrolled;
  const hint = `Ask again: moltbot enroll --server ${serverUrl} --name ${agentId} --can …`;
  if (how === 'denied')
    return new MoltbotError('ENROLLMENT_DENIED', `Agent "${agentId}" was not let in at ${serverUrl}.`, { hint });
  const why = how === 'over' ? 'nobody decided in time' : 'its key was fetched already';
  return new MoltbotError('ENROLLMENT_NOT_FOUND', `Agent "${agentId}" no longer waits at ${serverUrl}: ${why}.`, {
    hint,
  });
}

function nobodyDecided({ agentId, serverUrl, code }: EnrolledAgent, timeoutMs: number): MoltbotError {
  const waited = formatDuration(timeoutMs);
  return new MoltbotError('REQUEST_TIMEOUT', `Nobody at ${serverUrl} decided on "${agentId}" within ${waited}.`, {
    hint: `The question (code ${code}) still stands; wait on: moltbot enroll --server ${serverUrl} --name ${agentId}`,
  });
}

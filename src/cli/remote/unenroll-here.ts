import type { EnrolledAgent } from '../../agents/enrolled-store.ts';
import type { App } from '../../app.ts';
import { isMoltbotError } from '../../core/errors.ts';
import type { Secret } from '../../core/secret.ts';
import { unenrollThere } from './agent-calls.ts';
import { forgetEnrolled } from './enroll-here.ts';
import { serverOf } from './enrolled-agent.ts';
import { placeOf } from './identity-place.ts';

export interface Unenrolled {
  /** Whether the gateway there knows. */
  readonly told: boolean;
  /** Why it does not, and what can be done there. */
  readonly because: string | undefined;
}

/** Ends an enrolled agent: there first, then its key here, whatever the gateway there says or cannot say. */
export async function unenrollHere(app: App, enrolled: EnrolledAgent): Promise<Unenrolled> {
  const place = placeOf(app, enrolled);
  const because = await whyNotTold(enrolled, await place.get());
  await place.delete();
  forgetEnrolled(app, enrolled);
  return { told: because === undefined, because };
}

async function whyNotTold(enrolled: EnrolledAgent, key: Secret | undefined): Promise<string | undefined> {
  const { agentId, enrollmentId } = enrolled;
  if (enrollmentId !== null)
    return `It only asked to be let in; a person there can refuse: moltbot agents deny ${agentId}`;
  const way = `A person there can end it: moltbot unenroll ${agentId}`;
  if (!key) return `The agent key is gone. ${way}`;
  try {
    await unenrollThere(serverOf(enrolled), key);
    return undefined;
  } catch (error) {
    if (!isMoltbotError(error)) throw error;
    // Ended there before: that is what was wanted.
    return error.code === 'AGENT_KEY_REJECTED' ? undefined : `${error.message} ${way}`;
  }
}

import type { EnrolledAgent } from '../../agents/enrolled-store.ts';
import type { App } from '../../app.ts';
import { isMoltbotError } from '../../core/errors.ts';
import { unenrollThere } from './agent-calls.ts';
import { forgetEnrolled } from './enroll-here.ts';
import { serverOf } from './enrolled-agent.ts';
import { placeOf } from './identity-place.ts';

export interface Unenrolled {
  /** Whether the gateway there knows. */
  readonly told: boolean;
  /** Why it does not. */
  readonly because: string | undefined;
}

/** Ends an enrolled agent: there first, then its key here, whatever the gateway there says or cannot say. */
export async function unenrollHere(app: App, enrolled: EnrolledAgent): Promise<Unenrolled> {
  const place = placeOf(app, enrolled);
  const because = await tell(enrolled, place.get());
  await place.delete();
  forgetEnrolled(app, enrolled);
  return { told: because === undefined, because };
}

async function tell(enrolled: EnrolledAgent, reading: ReturnType<ReturnType<typeof placeOf>['get']>) {
  if (enrolled.enrollmentId !== null) return 'it was never let in, and what it asked for ends by itself';
  const key = await reading;
  if (!key) return 'the agent key is gone';
  try {
    await unenrollThere(serverOf(enrolled), key);
    return undefined;
  } catch (error) {
    if (!isMoltbotError(error)) throw error;
    // The person there ended it before: that is what was wanted.
    return error.code === 'AGENT_KEY_REJECTED' ? undefined : error.message;
  }
}

import { formatDuration, formatTime } from '../../core/time.ts';
import type { HealthState } from '../../rotation/types.ts';
import type { DemoAnswer } from './demo-request.ts';

/** What happened to the one request of the demo, as the parts know it: the simulator's record and the gateway's state. */
export interface DemoFacts {
  readonly attempts: readonly { readonly profileId: string; readonly status: number | null }[];
  readonly health: readonly HealthState[];
  readonly answer: DemoAnswer;
  readonly nowMs: number;
}

/** One line per thing that happened, in order. */
export function demoStory({ attempts, health, answer, nowMs }: DemoFacts): string[] {
  const lines = attempts.flatMap(({ profileId, status }) => [
    `  tried ${profileId}: the provider answered ${status ?? 'nothing'}`,
    ...health
      .filter((state) => state.profileId === profileId && state.untilMs !== null)
      .map((state) => cooling(state, nowMs)),
  ]);
  return [...lines, `  the client saw ${answer.status} after ${answer.tookMs} ms: "${answer.text}"`];
}

function cooling({ profileId, untilMs, reason }: HealthState, nowMs: number): string {
  return `  ${profileId} cools down until ${formatTime(untilMs!)} (${formatDuration(untilMs! - nowMs)}), because of ${reason.replace('_', ' ')}`;
}

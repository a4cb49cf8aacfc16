import { SECOND_MS } from '../core/time.ts';
import type { AlertMessage } from './alert-message.ts';

export type WayName = 'desktop' | 'command' | 'webhook';

/** For each attempt to tell. */
export const WAY_LIMIT_MS = 10 * SECOND_MS;

/** What came of telling. */
export interface WayResult {
  readonly ok: boolean;
  /** In our words, for the log and for people; holds no secret. */
  readonly said: string;
  /** It is the set-up that is wrong, so it would be the same at every alert: the log says it once. */
  readonly isLasting?: boolean;
}

/** One way to reach people. */
export interface AlertWay {
  readonly name: WayName;
  /** Ends soon after `signal`. Fails with CONFIG_INVALID where a setting refers to a variable that is not set. */
  send(message: AlertMessage, signal: AbortSignal): Promise<WayResult>;
}

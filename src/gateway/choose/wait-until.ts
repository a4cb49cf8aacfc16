import type { Clock } from '../../core/time.ts';
import type { Cancel } from '../forward/forward.ts';

/** Waits until the clock says so; false when the client left meanwhile. */
export function waitUntil(atMs: number, now: Clock, cancel: Cancel): Promise<boolean> {
  return new Promise((resolve) => {
    if (cancel.isCancelled) return resolve(false);
    const timer = setTimeout(
      () => {
        cancel.onCancel = undefined;
        resolve(true);
      },
      Math.max(0, atMs - now()),
    );
    cancel.onCancel = () => {
      clearTimeout(timer);
      resolve(false);
    };
  });
}

import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { MoltbotError } from '../../../src/core/errors.ts';
import type { Holder } from '../../../src/gateway/budget/budget-account.ts';
import { WaitingQueue } from '../../../src/gateway/budget/waiting-queue.ts';
import { Cancel } from '../../../src/gateway/forward/forward.ts';

/** A queue for places: each who goes out takes one. */
class Places {
  free = 0;
  looks = 0;
  isBroken = false;
  readonly out: number[] = [];
  readonly queue = new WaitingQueue(() => this.#isBusy(), Date.now);

  async wait(name: number, cancel = new Cancel(), forMs = 10_000): Promise<boolean> {
    const isRoom = await this.queue.room([{} as Holder], Date.now() + forMs, cancel);
    if (!isRoom) return false;
    this.free -= 1;
    this.out.push(name);
    return true;
  }

  #isBusy(): boolean {
    this.looks += 1;
    if (this.isBroken) throw new MoltbotError('DATABASE_BUSY', 'The state is in use.');
    return this.free <= 0;
  }
}

async function turns(): Promise<void> {
  for (let at = 0; at < 20; at++) await nextTurn();
}

describe('WaitingQueue', () => {
  it('lets out as many as there are places, in the order in which they came', async () => {
    const places = new Places();
    for (let name = 0; name < 1_000; name++) void places.wait(name);
    places.free = 3;
    places.queue.look();
    await turns();
    expect([places.out, places.free, places.looks]).toEqual([[0, 1, 2], 0, 1_000]);
  });

  it('looks again at what came while it looked', async () => {
    const places = new Places();
    for (let name = 0; name < 3; name++) void places.wait(name);
    places.free = 1;
    places.queue.look();
    void places.wait(3);
    places.free = 2;
    places.queue.look();
    await turns();
    expect([places.out, places.free]).toEqual([[0, 1], 0]);
  });

  it('lets nobody wait longer than asked, or longer than the client does', async () => {
    const places = new Places();
    const cancel = new Cancel();
    const left = places.wait(0, cancel);
    const late = places.wait(1, new Cancel(), 20);
    cancel.cancel();
    expect(await Promise.all([left, late, places.wait(2, cancel)])).toEqual([false, false, false]);
    places.free = 1;
    places.queue.look();
    await turns();
    expect([places.out, places.looks]).toEqual([[], 0]);
  });

  it('lets a request find out itself what cannot be told', async () => {
    const places = new Places();
    const waiting = places.wait(0);
    places.isBroken = true;
    places.queue.look();
    expect(await waiting).toBe(true);
  });
});

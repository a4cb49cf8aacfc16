import { describe, expect, it } from 'vitest';
import { KeychainCalls, type KeychainEntry } from '../../src/vault/keychain-calls.ts';

/** The rules for calling, on a platform without a probe and with an entry that can be made to hang or fail. */
function calls(answers: (() => Promise<string | null>)[]) {
  const state = { nowMs: 0, entries: 0, running: 0, most: 0 };
  const entry: KeychainEntry = {
    async getPassword() {
      state.running++;
      state.most = Math.max(state.most, state.running);
      try {
        return await answers.shift()!();
      } finally {
        state.running--;
      }
    },
    setPassword: async () => {},
    deletePassword: async () => true,
  };
  const keychain = new KeychainCalls({
    env: {},
    clock: () => state.nowMs,
    timeLimitMs: 30,
    platform: 'darwin',
    newEntry: async () => {
      state.entries++;
      return entry;
    },
  });
  const get = (account = 'a') => keychain.run(account, (one, signal) => one.getPassword(signal));
  return { state, get };
}

const fails = (message: string) => async () => {
  throw new Error(message);
};
const UNAVAILABLE = { code: 'VAULT_UNAVAILABLE' };

describe('keychain calls', () => {
  it('runs one at a time, in the order they were asked for', async () => {
    const { state, get } = calls(['1', '2', '3'].map((text) => async () => text));
    expect(await Promise.all([get('a'), get('b'), get('c')])).toEqual(['1', '2', '3']);
    expect(state.most).toBe(1);
  });

  it('keeps the entry of an account', async () => {
    const { state, get } = calls([async () => '1', async () => '2']);
    await get();
    await get();
    expect(state.entries).toBe(1);
  });

  it('makes no further call for 30 s after one has failed', async () => {
    const { state, get } = calls([fails('broken'), async () => 'fine']);
    await expect(get()).rejects.toMatchObject(UNAVAILABLE);
    state.nowMs = 29_999;
    await expect(get()).rejects.toMatchObject(UNAVAILABLE);
    state.nowMs = 30_000;
    expect(await get()).toBe('fine');
  });

  it('tries a kept entry that fails once more with a new one', async () => {
    const { state, get } = calls([async () => '1', fails('the session does not exist'), async () => '2']);
    await get();
    expect([await get(), state.entries]).toEqual(['2', 2]);
  });

  it('gives up at its time limit and makes no second call while the first is stuck, however long', async () => {
    const stuck = Promise.withResolvers<string>();
    const { state, get } = calls([() => stuck.promise, async () => 'fine']);
    await expect(get()).rejects.toMatchObject({
      code: 'VAULT_UNAVAILABLE',
      message: 'The keychain cannot be used: no answer within 0.03 s.',
    });
    state.nowMs = 3_600_000;
    await expect(get()).rejects.toMatchObject({
      message: 'The keychain cannot be used: an earlier call is still waiting for an answer.',
    });
    stuck.resolve('late');
    await stuck.promise;
    await new Promise(setImmediate);
    expect(await get()).toBe('fine');
  });

  it('lets those that wait behind a stuck call fail at once when it runs into its limit', async () => {
    const { get } = calls([() => new Promise(() => {})]);
    const answers = await Promise.allSettled([get('a'), get('b'), get('c')]);
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  });

  it.each(['User interaction is not allowed. (-25308)', 'OSStatus -25293', 'canceled (-128)'])(
    'says locked for what macOS answers when it may not ask: %s',
    async (message) => {
      await expect(calls([fails(message)]).get()).rejects.toMatchObject({ code: 'VAULT_LOCKED' });
    },
  );

  it('puts nothing of the native error into its own', async () => {
    const error = await calls([fails('item sk-sim-canary')])
      .get()
      .catch((reason: unknown) => reason);
    expect(JSON.stringify(error) + String(error)).not.toContain('canary');
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import type { Vault, VaultItem } from '../../src/vault/vault.ts';

/** A vault for one test: empty at first; `reopen` gives another opening of the same one, as a second process has. */
export interface VaultUnderTest {
  readonly vault: Vault;
  readonly reopen: () => Vault;
  readonly end: () => Promise<void>;
}

const WORK = { agentId: 'main', profileId: 'anthropic:work' };
const HOME = { agentId: 'main', profileId: 'anthropic:home' };
const REVIEWER = { agentId: 'reviewer', profileId: 'anthropic:work' };

/** The promises every vault keeps. */
export function vaultContract(name: string, make: () => Promise<VaultUnderTest>): void {
  describe(`${name} as a vault`, () => {
    let tested: VaultUnderTest;
    beforeEach(async () => {
      tested = await make();
    });
    afterEach(() => tested.end());

    it('answers undefined, false and an empty list where nothing was stored', async () => {
      const { vault } = tested;
      expect([await vault.get(WORK), await vault.has(WORK), await vault.delete(WORK), await vault.keys()]).toEqual([
        undefined,
        false,
        false,
        [],
      ]);
    });

    it('gives back the secret and the origin it was stored for', async () => {
      await tested.vault.set(WORK, item('sk-sim-one'));
      expect(plain(await tested.vault.get(WORK))).toEqual({ secret: 'sk-sim-one', origin: 'https://api.example.com' });
      expect(await tested.vault.has(WORK)).toBe(true);
    });

    it('gives it back to another opening of the same vault', async () => {
      await tested.vault.set(WORK, item('sk-sim-one'));
      expect(plain(await tested.reopen().get(WORK))).toEqual(plain(item('sk-sim-one')));
    });

    it('sees what another opening has changed meanwhile', async () => {
      const other = tested.reopen();
      await tested.vault.set(WORK, item('sk-sim-one'));
      await other.set(WORK, item('sk-sim-two'));
      expect(plain(await tested.vault.get(WORK))).toEqual(plain(item('sk-sim-two')));
      await other.delete(WORK);
      expect(await tested.vault.get(WORK)).toBeUndefined();
    });

    it('replaces an item whole, origin included', async () => {
      await tested.vault.set(WORK, item('sk-sim-one'));
      await tested.vault.set(WORK, item('sk-sim-two', 'http://127.0.0.1:9'));
      expect(plain(await tested.vault.get(WORK))).toEqual({ secret: 'sk-sim-two', origin: 'http://127.0.0.1:9' });
      expect(await tested.vault.keys()).toEqual([WORK]);
    });

    it('keeps profiles and agents apart, and lists all of them', async () => {
      await tested.vault.set(WORK, item('a'));
      await tested.vault.set(REVIEWER, item('b'));
      await tested.vault.set(HOME, item('c'));
      expect(await Promise.all([WORK, HOME, REVIEWER].map(async (key) => plain(await tested.vault.get(key))))).toEqual(
        ['a', 'c', 'b'].map((secret) => plain(item(secret))),
      );
      expect(await tested.vault.keys()).toEqual([HOME, WORK, REVIEWER]);
    });

    it('deletes one item, says so once, and leaves the others', async () => {
      await tested.vault.set(WORK, item('a'));
      await tested.vault.set(HOME, item('b'));
      expect([await tested.vault.delete(WORK), await tested.vault.delete(WORK)]).toEqual([true, false]);
      expect([await tested.vault.get(WORK), await tested.vault.keys()]).toEqual([undefined, [HOME]]);
    });

    it('keeps odd and long secrets as they are', async () => {
      const odd = ['"quoted" \\ back\nline\ttab', 'ключ 🔑 \u202e', '{"secret":"x"}', `sk-sim-${'x'.repeat(4_096)}`];
      for (const secret of odd) {
        await tested.vault.set(WORK, item(secret));
        expect(plain(await tested.vault.get(WORK))).toEqual(plain(item(secret)));
      }
    });

    it('loses nothing when many are stored at the same time from two openings', async () => {
      const vaults = [tested.vault, tested.reopen()] as const;
      const keys = Array.from({ length: 8 }, (_, n) => ({ agentId: 'main', profileId: `xai:${n}` }));
      await Promise.all(keys.map((key, n) => vaults[n % 2]!.set(key, item(`sk-sim-${n}`))));
      expect(await tested.vault.keys()).toEqual(keys);
      expect(await Promise.all(keys.map(async (key) => plain(await tested.vault.get(key))))).toEqual(
        keys.map((_, n) => plain(item(`sk-sim-${n}`))),
      );
    });

    it('says that it is ready, without being asked anything else', async () => {
      expect((await tested.vault.condition()).condition).toBe('ready');
    });
  });
}

function item(secret: string, origin = 'https://api.example.com'): VaultItem {
  return { secret: new Secret(secret), origin };
}

function plain(found: VaultItem | undefined): { secret: string; origin: string } | undefined {
  return found && { secret: found.secret.reveal(), origin: found.origin };
}

import { defineConfig } from 'vitest/config';

/** Folders whose tests start other programs (the built CLI, clients, a keyring): not part of the quick check. */
const SLOW = ['test/acceptance/**', 'test/commands/**', 'test/contract/vault-keychain.test.ts', 'test/security/**'];

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: SLOW, testTimeout: 20_000 } },
      {
        test: {
          name: 'whole',
          include: SLOW.map((glob) => glob.replace('**', '**/*.test.ts')),
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});

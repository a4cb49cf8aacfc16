import { defineConfig } from 'vitest/config';

/** Folders whose tests start other programs (the built CLI, clients, a keyring): not part of the quick check. */
const SLOW_FOLDERS = ['acceptance', 'commands', 'contract', 'management', 'security', 'vault', 'profiles'];
/** Nor is what goes through a whole gateway, which stands beside the folders of its parts. */
const SLOW = [...SLOW_FOLDERS.map((folder) => `test/${folder}/**/*.test.ts`), 'test/gateway/*.test.ts'];

/** Machines that others use too are late at times: one more try, said aloud at the end. */
const retry = process.env.CI === 'true' ? 1 : 0;

const unit = {
  name: 'unit',
  retry,
  include: ['test/**/*.test.ts'],
  exclude: ['test/clients/**', ...SLOW],
  testTimeout: 20_000,
};

const whole = {
  name: 'whole',
  retry,
  include: SLOW,
  testTimeout: 120_000,
  hookTimeout: 120_000,
};

export default defineConfig({
  test: {
    // The keyring's native code reads the environment of a process, not of a thread.
    pool: 'forks',
    // Most tests wait for sockets and timers, not for a processor.
    maxWorkers: 4,
    reporters: ['default', './test/reporter/closing-line.ts'],
    projects: [
      { extends: true, test: unit },
      { extends: true, test: whole },
    ],
  },
});

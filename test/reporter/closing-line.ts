import type { Reporter, TestModule } from 'vitest/node';

/**
 * Says aloud what was skipped, and closes with one plain line that scripts read: `12 passed, 0 failed, 3 skipped`.
 */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const count = { passed: 0, failed: 0, skipped: 0 };
    const skipped: string[] = [];
    const retried: string[] = [];
    for (const module of modules) {
      // A file that could not even be loaded has no tests to count.
      if (module.state() === 'failed' && [...module.children.allTests()].length === 0) count.failed += 1;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (test.diagnostic()?.flaky) retried.push(`${module.relativeModuleId}: ${test.fullName}`);
        if (state === 'passed' || state === 'failed') count[state] += 1;
        else {
          count.skipped += 1;
          skipped.push(`${module.relativeModuleId}: ${test.fullName}`);
        }
      }
    }
    if (retried.length > 0)
      process.stdout.write(`\nPassed at the second try only:\n${retried.map((name) => `  ${name}\n`).join('')}`);
    if (skipped.length > 0)
      process.stdout.write(`\nSkipped on this machine:\n${skipped.map((name) => `  ${name}\n`).join('')}`);
    process.stdout.write(`\n${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped\n`);
  }
}

import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { type CliHome, cliHome } from './cli.ts';

export let simulator: Simulator;
export let home: CliHome;

/** One simulator for the tests of a file, and for each of them a home of its own. */
export function simulateForEach(): void {
  beforeAll(async () => {
    simulator = await startSimulator();
  });
  afterAll(() => simulator.close());
  beforeEach(() => {
    home = cliHome();
    simulator.setScript({});
    simulator.forgetRequests();
  });
  afterEach(() => home.remove());
}

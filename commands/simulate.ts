import { Flags } from '@oclif/core';
import { BaseCommand } from '../src/cli/base-command.ts';
import { nextSignal } from '../src/cli/gateway-process/signals.ts';
import { MoltbotError } from '../src/core/errors.ts';
import { printable } from '../src/core/text.ts';
import { describeSimulator, lineOf } from '../src/simulator/describe.ts';
import { isScenario, SCENARIOS, type ScenarioName } from '../src/simulator/scenarios.ts';
import { loadScript } from '../src/simulator/script.ts';
import { startSimulator } from '../src/simulator/simulator.ts';

export default class Simulate extends BaseCommand {
  static override summary = 'Run a provider that behaves, and fails, on demand: rehearse an outage without a real key.';

  static override description =
    'Answers Anthropic, OpenAI and xAI requests on loopback with made-up answers. It takes only the keys it prints, which open nothing else. Failures come from a named scenario or a JSON5 script (docs/simulator.md).';

  static override examples = [
    '<%= config.bin %> simulate',
    '<%= config.bin %> simulate --port 4010 --scenario rate-limited-first',
    '<%= config.bin %> simulate --script ./outage.json5 --json',
  ];

  static override flags = {
    port: Flags.integer({ description: 'port on 127.0.0.1; 0 takes a free one', default: 0, min: 0, max: 65_535 }),
    script: Flags.string({ description: 'a JSON5 file that says what fails, when and how', helpValue: 'FILE' }),
    scenario: Flags.string({ description: `one of ${Object.keys(SCENARIOS).join(', ')}`, helpValue: 'NAME' }),
    'accept-any': Flags.boolean({ description: 'take any credential, or none' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Simulate);
    const scenario = scenarioOf(flags.scenario, flags.script);
    const simulator = await startSimulator({
      port: flags.port,
      acceptAny: flags['accept-any'],
      pacing: { firstByteMs: 150, perEventMs: 30 },
      ...(scenario ? { scenario } : {}),
      ...(flags.script ? { script: loadScript(flags.script) } : {}),
      onEnded: (received) => this.note(lineOf(received)),
    });
    // Before it says where it is: whoever reads that may end it at once.
    const stopped = nextSignal();
    const { url, baseUrls, keys } = simulator;
    const json = { schemaVersion: 1, url, pid: process.pid, scenario: scenario ?? null, baseUrls, keys };
    if (this.jsonEnabled()) this.logJson(json);
    else this.log(describeSimulator(simulator));
    await stopped;
    await simulator.close();
  }
}

/** Without scenario and script there are keys to try and nothing fails. */
function scenarioOf(name: string | undefined, script: string | undefined): ScenarioName | undefined {
  if (name === undefined) return script === undefined ? 'healthy' : undefined;
  if (isScenario(name)) return name;
  throw new MoltbotError('USAGE', `There is no scenario "${printable(name)}".`, {
    hint: `Choose one of: ${Object.keys(SCENARIOS).join(', ')}`,
  });
}

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CredentialType } from '../../src/providers/provider.ts';
import type { ReceivedRequest } from '../../src/simulator/received.ts';
import type { Family, ScriptInput } from '../../src/simulator/script-schema.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { type CliHome, type CliOptions, type CliResult, cliHome, runCli } from '../fakes/cli.ts';

/** What the simulator says to everything. */
export const ANSWER = 'This is a simulated answer: the provider behind it is a simulator.';

/** Something the provider does wrong. */
export type Rule = NonNullable<ScriptInput['rules']>[number];

export interface MachineOptions {
  /** `first` is an API key of Anthropic, stored as `anthropic:first`. */
  readonly profiles?: readonly (string | { provider?: Family; name: string; type?: CredentialType })[];
  readonly config?: Record<string, unknown>;
  /** What the provider does wrong, from the moment on when the profiles are stored. */
  readonly rules?: readonly Rule[];
}

/**
 * A machine that a person has set up with the built command line: a home of its own, a file vault, a simulator as the
 * provider. The gateway is the one that `moltbot run` starts; `await using` stops it.
 */
export class Machine implements AsyncDisposable {
  readonly home: CliHome;
  readonly simulator: Simulator;

  private constructor(home: CliHome, simulator: Simulator) {
    this.home = home;
    this.simulator = simulator;
  }

  static async start({ profiles = ['first'], config = {}, rules = [] }: MachineOptions = {}): Promise<Machine> {
    const machine = new Machine(cliHome(), await startSimulator());
    const { home, simulator } = machine;
    mkdirSync(home.stateDir, { mode: 0o700 });
    const providers = { anthropic: { baseUrl: simulator.url }, openai: { baseUrl: simulator.baseUrls.openai } };
    const whole = { gateway: { port: 0 }, models: { providers }, ...config };
    writeFileSync(join(home.stateDir, 'moltbot.json'), JSON.stringify(whole), { mode: 0o600 });
    for (const profile of profiles) await machine.#store(typeof profile === 'string' ? { name: profile } : profile);
    simulator.addRules(...rules);
    simulator.forgetRequests();
    return machine;
  }

  /** Runs one `moltbot` command to its end. */
  cli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
    return runCli(this.home, args, options);
  }

  /** The same, of a command that prints one JSON object. */
  async json(...args: string[]): Promise<Record<string, unknown>> {
    const { stdout } = await this.cli([...args, '--json']);
    return JSON.parse(stdout) as Record<string, unknown>;
  }

  /** What reached the provider since the profiles were stored: who asked for which model, how, and what came of it. */
  seen(): string[] {
    return this.simulator.requests.map(seenAs);
  }

  async #store({
    provider = 'anthropic',
    name,
    type = 'api_key',
  }: {
    provider?: Family;
    name: string;
    type?: CredentialType;
  }) {
    const command = type === 'token' ? 'paste-token' : 'paste-api-key';
    const profile = ['--provider', provider, '--profile-id', `${provider}:${name}`];
    const input = this.simulator.issueKey(provider, name, type);
    const stored = await this.cli(['models', 'auth', command, ...profile, '--vault', 'file'], { input });
    if (stored.code !== 0) throw new Error(`${provider}:${name} was not stored: ${stored.stderr}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cli(['gateway', 'stop']);
    await this.simulator.close();
    this.home.remove();
  }
}

/** `first stream 429`, `second whole reset`: profile, way of answering, and status or scripted failure. */
export function seenAs({ credentials, stream, status, failure }: ReceivedRequest): string {
  const fault = failure !== null && failure !== 'error' ? failure : status;
  return `${credentials[0]?.name} ${stream ? 'stream' : 'whole'} ${fault}`;
}

import { Flags } from '@oclif/core';
import { agentFlag, agentOf, BaseCommand } from '../src/cli/base-command.ts';
import { programFile } from '../src/cli/gateway-process/program-file.ts';
import { ensureGateway } from '../src/cli/gateway-process/start-in-background.ts';
import { confirmMinting } from '../src/cli/guard.ts';
import { findEnrolled } from '../src/cli/remote/enrolled-agent.ts';
import { remoteSession } from '../src/cli/remote/remote-session.ts';
import { defaultClientProviders } from '../src/cli/run/client-providers.ts';
import { credentialNote } from '../src/cli/run/credential-note.ts';
import { labelFlag, labelFrom } from '../src/cli/run/label-flag.ts';
import { assertProgram } from '../src/cli/run/run-child.ts';
import { runSession } from '../src/cli/run/session.ts';
import { tokenBudgetFlags, tokenBudgetFrom } from '../src/cli/run/token-budget-flags.ts';
import { assertAgent } from '../src/cli/run/token-owner.ts';
import { MoltbotError } from '../src/core/errors.ts';
import type { Provider } from '../src/providers/provider.ts';
import { findProvider } from '../src/providers/registry.ts';

export default class Run extends BaseCommand {
  static override summary = 'Run a program with a token of its own in place of provider keys.';
  static override description =
    'Starts the gateway if none runs. The token is renewed while the program lives and revoked when it ends; exit code and signals pass through.';
  static override usage = 'run [--agent <id>] [--provider <id>] [--usd <dollars>] -- <program> [arguments]';
  static override examples = [
    '<%= config.bin %> run -- claude',
    '<%= config.bin %> run --usd 2 -- claude',
    '<%= config.bin %> run --agent reviewer -- codex exec "hello"',
  ];
  // Output and exit code are the program's own.
  static override enableJsonFlag = false;
  static override strict = false;
  static override flags = {
    ...agentFlag,
    json: Flags.boolean({ description: 'why it could not start, as JSON; all else is what the program prints' }),
    provider: Flags.string({ char: 'p', description: 'the only provider that the token is for' }),
    ...labelFlag,
    ...tokenBudgetFlags,
  };

  async run(): Promise<void> {
    const { ownArguments, program } = splitAtDashes(this.argv);
    const { flags, argv } = await this.parse(Run, ownArguments);
    const label = labelFrom(flags.label);
    const budget = tokenBudgetFrom(flags);
    const command = [...argv.map(String), ...program];
    if (command.length === 0) throw nothingToRun();
    const agentId = agentOf(flags);
    const providers = flags.provider
      ? [findProvider(this.app.providers(), flags.provider)]
      : defaultClientProviders(this.app.providers());
    assertProgram(command[0]!, process.env);
    const note = (line: string) => this.note(line);
    const asked = { command, agentId, providers, onlyThose: flags.provider !== undefined, label, budget, note };
    const enrolled = findEnrolled(this.app, agentId);
    const place = enrolled ? await remoteSession(this.app, enrolled) : await this.#gatewayHere(agentId, providers);
    const code = await runSession(this.app, { ...asked, ...place });
    if (code !== 0) this.exit(code);
  }

  async #gatewayHere(agentId: string, providers: readonly Provider[]): Promise<{ gatewayUrl: string }> {
    assertAgent(this.app, agentId);
    await confirmMinting(this.app, agentId);
    const { gateway, started } = await ensureGateway(this.app.paths, programFile(this.config.root));
    if (started) this.note(`Started the gateway at ${gateway.url}; end it with: moltbot gateway stop`);
    const missing = credentialNote(this.app, agentId, providers);
    if (missing) this.note(missing);
    return { gatewayUrl: gateway.url };
  }
}

/** What follows the first `--` belongs to the program, byte for byte. */
function splitAtDashes(argv: readonly string[]): { ownArguments: string[]; program: string[] } {
  const dashes = argv.indexOf('--');
  if (dashes === -1) return { ownArguments: [...argv], program: [] };
  return { ownArguments: argv.slice(0, dashes), program: argv.slice(dashes + 1) };
}

function nothingToRun(): MoltbotError {
  return new MoltbotError('USAGE', 'There is no program to run.', {
    hint: 'Name it after two dashes, for example: moltbot run -- claude',
  });
}

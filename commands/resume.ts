import { EVERYONE } from '../src/agents/pause-store.ts';
import { pausableAgent, pausedName, pauseFlags } from '../src/cli/agents/pause-flags.ts';
import { testedText } from '../src/cli/agents/tested-text.ts';
import { BaseCommand } from '../src/cli/base-command.ts';
import { byPerson } from '../src/cli/by-person.ts';
import { confirmWidening } from '../src/cli/guard.ts';
import { gatewayHost, readRunningGateway } from '../src/gateway/gateway-file.ts';
import { agentOverviews, pausingBudgets } from '../src/status/agent-overview.ts';
import { resultsOf, resume } from '../src/status/resume.ts';

export default class Resume extends BaseCommand {
  static override summary = 'Let a paused agent, or everything, go on.';
  static override description =
    'Also has the running gateway test at once what is out of credit. Exit code 3 when an agent stays paused: by its provider’s spend limit, or by a used-up budget, which only a new window or a raised amount opens.';
  static override examples = ['<%= config.bin %> resume --agent reviewer', '<%= config.bin %> resume --all'];
  static override flags = pauseFlags;

  async run(): Promise<object> {
    const { flags } = await this.parse(Resume);
    const agentId = pausableAgent(flags);
    const name = pausedName(agentId);
    await confirmWidening(this.app, `resume ${name}`);
    const stores = this.app.stores();
    const { changed, asked } = resume(stores, agentId, byPerson(this.app));
    const { host, user } = gatewayHost();
    this.log(changed ? `Resumed ${name} on ${user}@${host}.` : `There was no pause of ${name} on ${user}@${host}.`);
    const isRunning = readRunningGateway(this.app.paths) !== undefined;
    if (asked.length > 0 && isRunning) this.note('Testing what is out of credit …');
    const tests = await resultsOf(stores, asked, isRunning ? {} : { patienceMs: 0 });
    for (const test of tests) this.log(testedText(test, isRunning));
    const everyonePaused = agentId !== EVERYONE && stores.pauses.of(agentId) !== undefined;
    if (everyonePaused) this.note('Everything is paused still. Resume it with: moltbot resume --all');
    const spent = agentOverviews(this.app, stores).some(
      ({ id, pause }) => (agentId === EVERYONE || id === agentId) && pause?.cause === 'provider_spend_limit',
    );
    const budgets = pausingBudgets(this.app, stores, agentId);
    for (const { reason, command } of budgets)
      this.log(`It is the budget that stops it. ${reason} Raise it: ${command}`);
    const isPaused = spent || budgets.length > 0;
    if (isPaused) process.exitCode = 3;
    return { agentId, paused: everyonePaused || isPaused, changed, budgets, tests, gatewayHost: host };
  }
}

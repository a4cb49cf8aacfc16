import { agentFlag, agentOf, BaseCommand } from '../../src/cli/base-command.ts';
import { isAnswering } from '../../src/cli/gateway-process/answering.ts';
import { formatDuration } from '../../src/core/time.ts';
import { gatewayHost, readRunningGateway } from '../../src/gateway/gateway-file.ts';
import { currentGates } from '../../src/status/current-gates.ts';

export default class GatewayStatus extends BaseCommand {
  static override summary = 'Say whether the gateway runs, where, since when, and which gates of an agent are closed.';
  static override description = 'Exit code 69 when it runs and does not answer.';
  static override examples = ['<%= config.bin %> gateway status', '<%= config.bin %> gateway status --json'];

  static override flags = agentFlag;

  async run(): Promise<object> {
    const { flags } = await this.parse(GatewayStatus);
    const { gates } = currentGates(this.app, agentOf(flags));
    const closed = gates.filter(({ open }) => !open).map(({ name, why }) => `Closed: ${name}. ${why}`);
    const gateway = readRunningGateway(this.app.paths);
    if (!gateway) {
      this.log('The gateway does not run. Start it with: moltbot gateway start');
      for (const line of closed.filter((text) => !text.startsWith('Closed: gateway.'))) this.log(line);
      return { running: false, ...gatewayHost(), gates };
    }
    const answering = await isAnswering(gateway.url);
    if (!answering) process.exitCode = 69;
    const since = formatDuration(this.app.now() - gateway.startedAtMs);
    this.log(
      `The gateway runs at ${gateway.url} (pid ${gateway.pid}, ${gateway.user}@${gateway.host}) since ${since}.`,
    );
    const overTcp = gateway.managementUrl ? ` and ${gateway.managementUrl}` : '';
    this.log(`Management API: ${gateway.managementSocket}${overTcp}.`);
    if (!answering)
      this.log('It does not answer. See why: moltbot gateway logs, or start it anew: moltbot gateway restart');
    for (const line of closed) this.log(line);
    const { startedAtMs: startedAt, ...record } = gateway;
    return { running: true, answering, ...record, startedAt, gates };
  }
}

import { BaseCommand } from '../../src/cli/base-command.ts';
import { isAnswering } from '../../src/cli/gateway-process/answering.ts';
import { formatDuration } from '../../src/core/time.ts';
import { gatewayHost, readRunningGateway } from '../../src/gateway/gateway-file.ts';

export default class GatewayStatus extends BaseCommand {
  static override summary = 'Say whether the gateway runs, where, and since when.';
  static override description = 'Exit code 69 when it runs and does not answer.';
  static override examples = ['<%= config.bin %> gateway status', '<%= config.bin %> gateway status --json'];

  async run(): Promise<object> {
    await this.parse(GatewayStatus);
    const gateway = readRunningGateway(this.app.paths);
    if (!gateway) {
      this.log('The gateway does not run. Start it with: moltbot gateway start');
      return { running: false, ...gatewayHost() };
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
    const { startedAtMs: startedAt, ...record } = gateway;
    return { running: true, answering, ...record, startedAt };
  }
}

import { BaseCommand } from '../../src/cli/base-command.ts';
import { stopGateway } from '../../src/cli/gateway-process/stop-gateway.ts';

export default class GatewayStop extends BaseCommand {
  static override summary = 'Stop the gateway: running answers may finish, then it returns when the process is gone.';
  static override examples = ['<%= config.bin %> gateway stop'];

  async run(): Promise<object> {
    await this.parse(GatewayStop);
    const stopped = await stopGateway(this.app.paths, this.app.config().config.gateway.shutdownGraceMs);
    this.log(
      stopped
        ? `Stopped the gateway at ${stopped.url} (pid ${stopped.pid}, ${stopped.user}@${stopped.host}).`
        : 'No gateway was running. Start it with: moltbot gateway start',
    );
    return { stopped: stopped !== undefined, ...(stopped && { url: stopped.url, pid: stopped.pid }) };
  }
}

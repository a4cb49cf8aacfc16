import { BaseCommand } from '../../src/cli/base-command.ts';
import { listenFlags } from '../../src/cli/gateway-process/gateway-flags.ts';
import { programFile } from '../../src/cli/gateway-process/program-file.ts';
import { startInBackground } from '../../src/cli/gateway-process/start-in-background.ts';
import { stopGateway } from '../../src/cli/gateway-process/stop-gateway.ts';

export default class GatewayRestart extends BaseCommand {
  static override summary = 'Stop the gateway if it runs, and start it in the background.';
  static override description = 'Without --port, a gateway that picked its port gets the same one again.';
  static override examples = ['<%= config.bin %> gateway restart'];
  static override flags = { ...listenFlags };

  async run(): Promise<object> {
    const { flags } = await this.parse(GatewayRestart);
    const { gateway: configured } = this.app.config().config;
    const stopped = await stopGateway(this.app.paths, configured.shutdownGraceMs);
    const port = flags.port ?? configured.port ?? (stopped && Number(new URL(stopped.url).port));
    const gateway = await startInBackground(this.app.paths, programFile(this.config.root), { host: flags.host, port });
    this.log(`The gateway listens on ${gateway.url} (pid ${gateway.pid}, ${gateway.user}@${gateway.host}).`);
    return { stopped: stopped !== undefined, url: gateway.url, pid: gateway.pid };
  }
}

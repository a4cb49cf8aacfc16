import { BaseCommand } from '../../src/cli/base-command.ts';
import { listenFlags } from '../../src/cli/gateway-process/gateway-flags.ts';
import { programFile } from '../../src/cli/gateway-process/program-file.ts';
import { startInBackground } from '../../src/cli/gateway-process/start-in-background.ts';

export default class GatewayStart extends BaseCommand {
  static override summary = 'Start the gateway in the background.';
  static override examples = ['<%= config.bin %> gateway start', '<%= config.bin %> gateway start --port 8500'];
  static override flags = { ...listenFlags };

  async run(): Promise<object> {
    const { flags } = await this.parse(GatewayStart);
    const gateway = await startInBackground(this.app.paths, programFile(this.config.root), flags);
    this.log(`The gateway listens on ${gateway.url} (pid ${gateway.pid}, ${gateway.user}@${gateway.host}).`);
    return { url: gateway.url, pid: gateway.pid, host: gateway.host, user: gateway.user };
  }
}

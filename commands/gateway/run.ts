import { Flags } from '@oclif/core';
import { BaseCommand } from '../../src/cli/base-command.ts';
import { listenFlags } from '../../src/cli/gateway-process/gateway-flags.ts';
import { serveUntilStopped } from '../../src/cli/gateway-process/serve-until-stopped.ts';

export default class GatewayRun extends BaseCommand {
  static override summary = 'Run the gateway in the foreground until it is stopped.';
  static override examples = ['<%= config.bin %> gateway run', '<%= config.bin %> gateway run --port 0 --json'];
  static override flags = {
    ...listenFlags,
    'free-port': Flags.boolean({ description: 'with no port configured, take another one when 8400 is taken' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(GatewayRun);
    const options = { host: flags.host, port: flags.port, freePort: flags['free-port'] };
    await serveUntilStopped(this.app, options, ({ url, pid }) => {
      // Said when it is true and not at the end, which is when a command's result would be printed.
      if (this.jsonEnabled()) this.logJson({ url, pid });
      else this.log(`The gateway listens on ${url} (pid ${pid}). Stop it with Ctrl-C.`);
    });
  }
}

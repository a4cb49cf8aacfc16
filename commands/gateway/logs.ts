import { existsSync } from 'node:fs';
import { Flags } from '@oclif/core';
import { BaseCommand } from '../../src/cli/base-command.ts';
import { followFile, lastLines } from '../../src/cli/gateway-process/follow-file.ts';

export default class GatewayLogs extends BaseCommand {
  static override summary = "Show the gateway's log, one JSON object per line.";
  static override examples = ['<%= config.bin %> gateway logs', '<%= config.bin %> gateway logs --follow --lines 20'];
  // The lines are JSON already.
  static override enableJsonFlag = false;
  static override flags = {
    follow: Flags.boolean({ char: 'f', description: 'go on with what is written from now on' }),
    lines: Flags.integer({ char: 'n', description: 'how many lines from the end', default: 100, min: 0 }),
    json: Flags.boolean({ description: 'the lines as they are, which they always are', hidden: true }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(GatewayLogs);
    const { logFile } = this.app.paths;
    if (!existsSync(logFile) && !flags.follow) {
      this.note(`There is no log yet (${logFile}). Start the gateway: moltbot gateway start`);
      return;
    }
    const { text, end } = existsSync(logFile) ? lastLines(logFile, flags.lines) : { text: '', end: 0 };
    process.stdout.write(text);
    if (flags.follow) await followFile(logFile, end, (more) => process.stdout.write(more));
  }
}

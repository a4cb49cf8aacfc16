import { existsSync } from 'node:fs';
import { Flags } from '@oclif/core';
import { BaseCommand, jsonList } from '../../src/cli/base-command.ts';
import { followFile, lastLines } from '../../src/cli/gateway-process/follow-file.ts';

export default class GatewayLogs extends BaseCommand {
  static override summary = "Show the gateway's log, one JSON object per line.";
  static override description =
    'With --json one object with those lines as items; with --follow also then one object per line, as they come.';
  static override examples = ['<%= config.bin %> gateway logs', '<%= config.bin %> gateway logs --follow --lines 20'];
  static override flags = {
    follow: Flags.boolean({ char: 'f', description: 'go on with what is written from now on' }),
    lines: Flags.integer({ char: 'n', description: 'how many lines from the end', default: 100, min: 0 }),
  };

  async run(): Promise<object> {
    const { flags } = await this.parse(GatewayLogs);
    const { logFile } = this.app.paths;
    const isThere = existsSync(logFile);
    if (!isThere && !flags.follow) {
      this.note(`There is no log yet (${logFile}). Start the gateway: moltbot gateway start`);
      return jsonList([]);
    }
    const { text, end } = isThere ? lastLines(logFile, flags.lines) : { text: '', end: 0 };
    if (flags.follow || !this.jsonEnabled()) process.stdout.write(text);
    if (flags.follow) await followFile(logFile, end, (more) => process.stdout.write(more));
    return jsonList(logItems(text));
  }
}

/** A line that a crash cut short is no JSON any more: it is shown as it is. */
function logItems(text: string): unknown[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      try {
        return JSON.parse(line) as unknown;
      } catch {
        return { line };
      }
    });
}

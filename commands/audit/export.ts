import { Flags } from '@oclif/core';
import { exportAudit } from '../../src/cli/audit/export-audit.ts';
import { openPrivateOutput } from '../../src/cli/audit/private-output.ts';
import { sinceOf } from '../../src/cli/audit/since.ts';
import { BaseCommand } from '../../src/cli/base-command.ts';
import { gatewayHost } from '../../src/gateway/gateway-file.ts';

export default class AuditExport extends BaseCommand {
  static override summary = 'Write decisions and requests as JSON lines; the first and last line carry the head.';
  static override examples = [
    '<%= config.bin %> audit export --out audit.jsonl',
    '<%= config.bin %> audit export --since 30d > audit.jsonl',
  ];
  // The lines are JSON already.
  static override enableJsonFlag = false;
  static override flags = {
    out: Flags.string({ char: 'o', description: 'a new file (0600) in place of stdout' }),
    since: Flags.string({ description: 'how far back (30m, 24h, 7d), or a time such as 2026-11-20T09:00Z' }),
    json: Flags.boolean({ description: 'with --out: say in JSON what was written' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(AuditExport);
    const sinceMs = flags.since === undefined ? undefined : sinceOf(flags.since, this.app.now());
    const stores = this.app.storesForReading();
    if (flags.out === undefined) {
      exportAudit(stores, sinceMs, this.app.now(), (line) => process.stdout.write(line));
      return;
    }
    const output = openPrivateOutput(flags.out);
    try {
      const { decisions, requests, head } = exportAudit(stores, sinceMs, this.app.now(), output.write);
      const { host, user } = gatewayHost();
      if (flags.json) this.logJson({ file: flags.out, decisions, requests, head, gatewayHost: host });
      else this.log(`Wrote ${decisions} decisions and ${requests} requests of ${user}@${host} to ${flags.out}.`);
    } finally {
      output.close();
    }
  }
}

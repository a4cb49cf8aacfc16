import { Flags } from '@oclif/core';
import { parseHead } from '../../src/audit/head.ts';
import { BaseCommand } from '../../src/cli/base-command.ts';
import { verifyAudit } from '../../src/status/verify-audit.ts';

export default class AuditVerify extends BaseCommand {
  static override summary = 'Check that no row of the audit or the ledger was changed, moved or taken away.';
  static override description =
    'Keep the head it prints somewhere else and give it back later with --head: then a cut end shows, too.';
  static override examples = ['<%= config.bin %> audit verify', '<%= config.bin %> audit verify --json'];
  static override flags = { head: Flags.string({ description: 'a head that was printed before, seq:mac' }) };

  async run(): Promise<object> {
    const { flags } = await this.parse(AuditVerify);
    const whole = await verifyAudit(this.app, flags.head === undefined ? undefined : parseHead(flags.head));
    const { rows, unsealed, head, requests } = whole;
    this.log(`The audit is whole: ${rows} ${rows === 1 ? 'row' : 'rows'}, ${unsealed} of them not sealed yet.`);
    const { completed, pruned, anchored } = requests;
    const gone = pruned > 0 ? `, of which the first ${pruned} went when they were old enough` : '';
    this.log(`The ledger is whole: ${completed} completed requests, ${anchored} of them vouched for${gone}.`);
    this.log(head === null ? 'Nothing is sealed yet: there is no head.' : `Head: ${head}`);
    return { ok: true, ...whole };
  }
}

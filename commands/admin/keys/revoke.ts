import { Args } from '@oclif/core';
import { adminKeyNotFound } from '../../../src/agents/admin-key.ts';
import { revokeAdminKey } from '../../../src/agents/change-admin-keys.ts';
import { thisPerson } from '../../../src/audit/actor.ts';
import { BaseCommand } from '../../../src/cli/base-command.ts';
import { gatewayHost } from '../../../src/gateway/gateway-file.ts';

export default class AdminKeysRevoke extends BaseCommand {
  static override summary = 'End an admin key at once.';
  static override examples = ['<%= config.bin %> admin keys revoke adm_0123456789abcdef0123'];
  static override args = { id: Args.string({ required: true, description: 'as "moltbot admin keys list" shows it' }) };

  async run(): Promise<object> {
    const { args } = await this.parse(AdminKeysRevoke);
    if (!this.app.storesForReading()?.adminKeys.find(args.id)) throw adminKeyNotFound(args.id);
    const by = { actor: thisPerson(), nowMs: this.app.now() };
    const revoked = revokeAdminKey(this.app.stores(), args.id, by);
    const { host, user } = gatewayHost();
    this.log(revoked ? `Revoked ${args.id} on ${user}@${host}.` : `${args.id} on ${user}@${host} was revoked before.`);
    return { id: args.id, revoked, gatewayHost: host };
  }
}

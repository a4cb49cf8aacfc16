import { Flags } from '@oclif/core';
import { ADMIN_ROLES, type AdminRole } from '../../../src/agents/admin-key.ts';
import { createAdminKey } from '../../../src/agents/change-admin-keys.ts';
import { thisPerson } from '../../../src/audit/actor.ts';
import { BaseCommand } from '../../../src/cli/base-command.ts';
import { confirmWidening } from '../../../src/cli/guard.ts';
import { gatewayHost } from '../../../src/gateway/gateway-file.ts';

export default class AdminKeysCreate extends BaseCommand {
  static override summary = 'Make an admin key for the management API over TCP.';
  static override description =
    'The key is shown once, on stdout. On the socket no key is needed: there the permissions of the file decide.';
  static override examples = [
    '<%= config.bin %> admin keys create --role admin --label deploy',
    '<%= config.bin %> admin keys create --json',
  ];
  static override flags = {
    role: Flags.option({
      options: ADMIN_ROLES,
      default: 'admin' as AdminRole,
      description: 'owner: everything; admin: all but admin keys',
    })(),
    label: Flags.string({ default: '', description: 'what it is for' }),
  };

  async run(): Promise<object> {
    const { flags } = await this.parse(AdminKeysCreate);
    const { role, label } = flags;
    await confirmWidening(this.app, 'make an admin key');
    const by = { actor: thisPerson(), nowMs: this.app.now() };
    const { key, record } = createAdminKey(this.app.stores(), { role, label: label.slice(0, 100) }, by);
    const { host, user } = gatewayHost();
    this.log(key.reveal());
    this.note(`Made the admin key ${record.id} (${role}) on ${user}@${host}; it is shown once.`);
    if (!this.app.config().config.management.http)
      this.note('The management API is on its socket only. Open it over TCP: moltbot config set management.http {}');
    const { id, label: kept, createdAtMs: createdAt } = record;
    return { id, role, label: kept, createdAt, key: key.reveal(), gatewayHost: host };
  }
}

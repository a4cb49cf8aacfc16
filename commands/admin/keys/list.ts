import type { AdminKey } from '../../../src/agents/admin-key-store.ts';
import { BaseCommand, jsonList, table } from '../../../src/cli/base-command.ts';
import { formatTime } from '../../../src/core/time.ts';

export default class AdminKeysList extends BaseCommand {
  static override summary = 'List the admin keys, newest first; never the keys themselves.';
  static override examples = ['<%= config.bin %> admin keys list', '<%= config.bin %> admin keys list --json'];

  async run(): Promise<object> {
    await this.parse(AdminKeysList);
    const keys = this.app.storesForReading()?.adminKeys.list() ?? [];
    const rows = keys.map((key) => [
      key.id,
      key.role,
      key.label || '-',
      formatTime(key.createdAtMs),
      key.lastUsedAtMs === null ? 'never' : formatTime(key.lastUsedAtMs),
      key.revokedAtMs === null ? 'live' : `revoked ${formatTime(key.revokedAtMs)}`,
    ]);
    const head = ['ID', 'ROLE', 'LABEL', 'MADE', 'LAST USED', 'STATE'];
    this.log(table(head, rows, 'There are no admin keys. Make one: moltbot admin keys create'));
    return jsonList(keys.map(shown));
  }
}

function shown({ createdAtMs, lastUsedAtMs, revokedAtMs, ...key }: AdminKey) {
  return { ...key, createdAt: createdAtMs, lastUsedAt: lastUsedAtMs, revokedAt: revokedAtMs };
}

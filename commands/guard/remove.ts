import { Guard } from '../../src/agents/guard.ts';
import { thisPerson } from '../../src/audit/actor.ts';
import { BaseCommand } from '../../src/cli/base-command.ts';
import { confirmWidening } from '../../src/cli/guard.ts';
import { gatewayHost } from '../../src/gateway/gateway-file.ts';

export default class GuardRemove extends BaseCommand {
  static override summary = 'Ask for no guard passphrase any more; the passphrase itself is needed once.';
  static override examples = ['<%= config.bin %> guard remove'];

  async run(): Promise<object> {
    await this.parse(GuardRemove);
    await confirmWidening(this.app, 'remove the guard passphrase');
    const { host, user } = gatewayHost();
    const removed = this.#remove();
    this.log(
      removed
        ? `The guard passphrase on ${user}@${host} is removed.`
        : `No guard passphrase is set on ${user}@${host}.`,
    );
    return { set: false, removed, gatewayHost: host };
  }

  #remove(): boolean {
    if (!this.app.storesForReading()) return false;
    const { database, audit } = this.app.stores();
    return database.transaction(() => {
      const removed = new Guard(database).remove();
      if (removed) audit.append({ actor: thisPerson(), action: 'guard.removed', subject: 'guard' }, this.app.now());
      return removed;
    });
  }
}

import { Guard } from '../../src/agents/guard.ts';
import { BaseCommand } from '../../src/cli/base-command.ts';
import { GUARDED } from '../../src/cli/set-guard.ts';

export default class GuardStatus extends BaseCommand {
  static override summary = 'Say whether a guard passphrase is set, and what it is asked for.';
  static override examples = ['<%= config.bin %> guard status', '<%= config.bin %> guard status --json'];

  async run(): Promise<object> {
    await this.parse(GuardStatus);
    const stores = this.app.storesForReading();
    const set = stores !== undefined && new Guard(stores.database).isSet();
    this.log(
      set
        ? `A guard passphrase is set. It is asked for: ${GUARDED.join(', ')}.`
        : 'No guard passphrase is set. Set one: moltbot guard set',
    );
    return { set, guarded: GUARDED };
  }
}

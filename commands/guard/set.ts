import { BaseCommand } from '../../src/cli/base-command.ts';
import { confirmWidening } from '../../src/cli/guard.ts';
import { GUARDED, setGuard } from '../../src/cli/set-guard.ts';
import { gatewayHost } from '../../src/gateway/gateway-file.ts';

export default class GuardSet extends BaseCommand {
  static override summary = 'Set a passphrase that is asked for whatever widens what agents may do.';
  static override description =
    `Typed twice at a terminal. A guard rail against agents that run as your own user, not a wall. Asked for: ${GUARDED.join(', ')}.`;
  static override examples = ['<%= config.bin %> guard set'];

  async run(): Promise<object> {
    await this.parse(GuardSet);
    await confirmWidening(this.app, 'change the guard passphrase');
    await setGuard(this.app);
    const { host, user } = gatewayHost();
    this.log(`The guard passphrase is set on ${user}@${host}. It is asked for: ${GUARDED.join(', ')}.`);
    return { set: true, gatewayHost: host };
  }
}

import { tryAlerts } from '../../src/cli/alerts/try-alerts.ts';
import { BaseCommand, jsonList, table } from '../../src/cli/base-command.ts';
import { gatewayHost } from '../../src/gateway/gateway-file.ts';

const NO_WAY =
  'Alerts only go to the log and to: moltbot alerts list. Add a notice on the desktop: moltbot config set alerts.desktop true';

export default class AlertsTest extends BaseCommand {
  static override summary = 'Send a test alert over every configured way, and say which of them worked.';
  static override description =
    'Sent from this shell: a gateway that runs as a service may have another environment. Exit code 69 when a way did not work.';
  static override examples = ['<%= config.bin %> alerts test', '<%= config.bin %> alerts test --json'];

  async run(): Promise<object> {
    await this.parse(AlertsTest);
    const { host } = gatewayHost();
    const tried = await tryAlerts(this.app, host);
    const rows = tried.map(({ way, ok, said }) => [way, ok ? 'worked' : 'FAILED', said]);
    this.log(table(['WAY', 'RESULT', 'WHAT CAME OF IT'], rows, NO_WAY));
    if (tried.some(({ ok }) => !ok)) process.exitCode = 69;
    return { ...jsonList(tried), gatewayHost: host };
  }
}

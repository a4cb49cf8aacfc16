import { BaseCommand, jsonList, table } from '../../src/cli/base-command.ts';

export default class BackendList extends BaseCommand {
  static override summary = 'List the providers: the built-in ones and your own.';
  static override examples = ['<%= config.bin %> backend list', '<%= config.bin %> backend list --json'];

  async run(): Promise<object> {
    await this.parse(BackendList);
    const profiles = this.app.storesForReading()?.profiles.list() ?? [];
    const backends = [...this.app.providers().values()].map((provider) => ({
      provider: provider.id,
      builtIn: provider.builtIn,
      baseUrl: provider.defaultBaseUrl,
      api: provider.formats,
      auth: provider.authStyle,
      profiles: profiles.filter((profile) => profile.provider === provider.id).length,
    }));
    const rows = backends.map(({ provider, builtIn, baseUrl, api, auth, profiles: count }) => [
      provider,
      builtIn ? 'built in' : 'yours',
      baseUrl,
      api.join(', '),
      auth,
      String(count),
    ]);
    this.log(table(['PROVIDER', 'KIND', 'BASE URL', 'API', 'AUTH', 'PROFILES'], rows, 'There is no provider.'));
    return jsonList(backends);
  }
}

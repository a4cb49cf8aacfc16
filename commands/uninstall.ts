import { Flags } from '@oclif/core';
import { BaseCommand } from '../src/cli/base-command.ts';
import { confirmRemoval } from '../src/cli/confirm-removal.ts';
import { connectedClients } from '../src/cli/connect/connected-clients.ts';
import { undoConnection } from '../src/cli/connect/undo-connection.ts';
import { undoSentences } from '../src/cli/connect/undo-sentences.ts';
import { programFile } from '../src/cli/gateway-process/program-file.ts';
import { stopGateway } from '../src/cli/gateway-process/stop-gateway.ts';
import { emptyKeychain } from '../src/cli/uninstall/empty-keychain.ts';
import { ownFiles, removeOwnFiles } from '../src/cli/uninstall/own-files.ts';
import { removeService } from '../src/cli/units/remove-service.ts';
import { gatewayService, serviceDefinition } from '../src/cli/units/service-definition.ts';
import { gatewayHost } from '../src/gateway/gateway-file.ts';

export default class Uninstall extends BaseCommand {
  static override summary = 'Remove everything moltbot keeps on this machine: service, credentials, state, config.';
  static override description = 'The program itself stays: remove it the way it was installed.';
  static override examples = ['<%= config.bin %> uninstall', '<%= config.bin %> uninstall --yes'];
  static override flags = { yes: Flags.boolean({ char: 'y', description: 'do not ask' }) };

  async run(): Promise<object> {
    const { flags } = await this.parse(Uninstall);
    const { paths } = this.app;
    const { config } = this.app.config();
    const files = ownFiles(paths);
    const connected = connectedClients(paths);
    for (const { client, record } of connected) this.note(`To be given back: ${record.file} (${client.name})`);
    for (const file of files) this.note(`To be deleted: ${file}`);
    if (config.vault?.kind === 'keychain') this.note('To be deleted: the credentials of moltbot in the keychain');
    await confirmRemoval(`Remove all of that? The credentials cannot be brought back`, flags.yes);
    // First: what to give back is among what is deleted.
    for (const { client } of connected) {
      for (const sentence of undoSentences(client, undoConnection(this.app, client))) this.log(sentence);
    }
    const service = removeService(this.#serviceDefinition());
    await stopGateway(paths, config.gateway.shutdownGraceMs);
    const secrets = await emptyKeychain(this.app);
    // An open database would write its side files again.
    this.app.close();
    const left = removeOwnFiles(paths);
    const { host, user } = gatewayHost();
    this.log(`Removed moltbot's files (${files.length}) and keychain items (${secrets}) of ${user}@${host}.`);
    for (const file of left) this.log(`Left for you to decide: ${file}`);
    return { removedFiles: files, removedSecrets: secrets, serviceRemoved: service.removed, left, gatewayHost: host };
  }

  #serviceDefinition() {
    return serviceDefinition(gatewayService(programFile(this.config.root), process.env), this.app.paths, process.env);
  }
}

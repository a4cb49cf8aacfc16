import { Args, Flags } from '@oclif/core';
import { agentFlag, agentOf, BaseCommand } from '../src/cli/base-command.ts';
import { CLIENT_IDS, type Client } from '../src/cli/connect/client.ts';
import { CLIENTS } from '../src/cli/connect/clients.ts';
import { confirmConnection } from '../src/cli/connect/confirm-connection.ts';
import { makeConnection, plannedConnection } from '../src/cli/connect/connect-client.ts';
import { connectionNotes } from '../src/cli/connect/connection-notes.ts';
import { undoConnection } from '../src/cli/connect/undo-connection.ts';
import { undoSentences } from '../src/cli/connect/undo-sentences.ts';
import { programFile } from '../src/cli/gateway-process/program-file.ts';
import { assertAgent } from '../src/cli/run/token-owner.ts';
import { formatPath } from '../src/config/path.ts';
import { printable } from '../src/core/text.ts';
import { gatewayHost } from '../src/gateway/gateway-file.ts';

export default class Connect extends BaseCommand {
  static override summary = 'Lead a client to the gateway by its own settings, or give them back with --undo.';
  static override description =
    'Shows what it will write and asks. What was there is kept, and --undo gives it back byte for byte.';
  static override examples = [
    '<%= config.bin %> connect claude',
    '<%= config.bin %> connect codex --agent reviewer --yes',
    '<%= config.bin %> connect claude --undo',
  ];
  static override args = {
    client: Args.string({ required: true, options: [...CLIENT_IDS], description: 'which client' }),
  };
  static override flags = {
    ...agentFlag,
    undo: Flags.boolean({ description: 'give the settings back', exclusive: ['yes', 'replace', 'agent'] }),
    yes: Flags.boolean({ char: 'y', description: 'do not ask' }),
    replace: Flags.boolean({ description: 'also where a setting leads somewhere else now' }),
  };

  async run(): Promise<object> {
    const { args, flags } = await this.parse(Connect);
    const client = CLIENTS[args.client as Client['id']];
    return flags.undo ? this.#undo(client) : this.#connect(client, flags);
  }

  async #connect(client: Client, flags: { agent?: string | undefined; yes: boolean; replace: boolean }) {
    const agentId = agentOf(flags);
    assertAgent(this.app, agentId);
    const planned = plannedConnection(this.app, client, agentId, programFile(this.config.root));
    const { file, plan, gatewayUrl } = planned;
    const changed = plan.changes.length > 0;
    if (changed) {
      await confirmConnection(planned, flags, (line) => this.note(line));
      makeConnection(this.app, planned);
    }
    const { host } = gatewayHost();
    const where = `${printable(file.path)} (agent ${agentId}, gateway host ${host})`;
    this.log(changed ? `Connected ${client.name} to ${gatewayUrl} in ${where}.` : `Nothing to change in ${where}.`);
    for (const note of connectionNotes(this.app, planned)) this.note(`Note: ${note}`);
    if (changed) this.log(`Start it: ${client.start(agentId)}`);
    const settings = plan.changes.map(({ path }) => formatPath(path));
    return { client: client.id, changed, file: file.path, settings, agentId, gatewayUrl, gatewayHost: host };
  }

  #undo(client: Client): object {
    const undone = undoConnection(this.app, client);
    for (const sentence of undoSentences(client, undone)) this.log(sentence);
    return { client: client.id, ...undone, gatewayHost: gatewayHost().host };
  }
}

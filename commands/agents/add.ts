import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../src/cli/base-command.ts';
import { editConfig } from '../../src/config/edit.ts';
import { formatModelRef, resolveModelRef } from '../../src/config/model-ref.ts';
import { MoltbotError } from '../../src/core/errors.ts';
import { parseAgentId } from '../../src/core/ids.ts';
import { printable } from '../../src/core/text.ts';
import { gatewayHost } from '../../src/gateway/gateway-file.ts';

export default class AgentsAdd extends BaseCommand {
  static override summary = 'Add an agent. It starts without credentials: nothing is inherited.';
  static override examples = [
    '<%= config.bin %> agents add reviewer',
    '<%= config.bin %> agents add reviewer --model anthropic/claude-haiku-4-5',
  ];
  static override args = {
    name: Args.string({ required: true, description: 'lower-case letters, digits and dashes' }),
  };
  static override flags = { model: Flags.string({ char: 'm', description: 'its default model, or an alias' }) };

  async run(): Promise<object> {
    const { args, flags } = await this.parse(AgentsAdd);
    const agentId = parseAgentId(args.name);
    const model = flags.model === undefined ? undefined : this.#modelRef(flags.model);
    const { agents } = this.app.stores();
    if (agents.has(agentId)) throw alreadyThere(agentId);
    // The config first: if that edit is refused, no agent is left behind.
    if (model !== undefined) this.#writeModel(agentId, model);
    agents.add(agentId, this.app.now());
    const { host, user } = gatewayHost();
    this.log(`Added the agent ${agentId} on ${user}@${host}${model ? ` with the model ${model}` : ''}.`);
    this.log(`Give it a credential: moltbot models auth add --agent ${agentId}`);
    return { agentId, model: model ?? null, gatewayHost: host };
  }

  #modelRef(text: string): string {
    const ref = resolveModelRef(this.app.config().config, text);
    if (ref && this.app.providers().has(ref.provider)) return formatModelRef(ref);
    throw new MoltbotError('MODEL_NOT_FOUND', `There is no model "${printable(text)}".`, {
      hint: 'See what there is: moltbot models list --all',
    });
  }

  #writeModel(agentId: string, model: string): void {
    const { list } = this.app.config().config.agents;
    const index = list.findIndex(({ id }) => id === agentId);
    const edit =
      index === -1
        ? { path: ['agents', 'list', String(list.length)], value: { id: agentId, model: { primary: model } } }
        : { path: ['agents', 'list', String(index), 'model', 'primary'], value: model };
    // An absent list cannot take an element at an index, so it is written whole.
    const edits = list.length === 0 ? [{ path: ['agents', 'list'], value: [edit.value] }] : [edit];
    editConfig(this.app.paths, edits, { expectedDigest: this.app.config().digest, nowMs: this.app.now() });
  }
}

function alreadyThere(agentId: string): MoltbotError {
  return new MoltbotError('ALREADY_EXISTS', `There already is an agent "${agentId}".`, {
    hint: 'See the agents: moltbot agents list',
  });
}

import { Args, Flags } from '@oclif/core';
import { auditedEdit } from '../../src/cli/audited-edit.ts';
import { definitionOf } from '../../src/cli/backend/definition.ts';
import { BaseCommand } from '../../src/cli/base-command.ts';
import { confirmConfigEdits } from '../../src/cli/confirm-config.ts';
import { hasTerminal } from '../../src/cli/prompts/terminal.ts';
import { restartNote } from '../../src/cli/restart-note.ts';
import { MoltbotError } from '../../src/core/errors.ts';
import { isProviderId } from '../../src/core/ids.ts';
import { printable } from '../../src/core/text.ts';
import { gatewayHost } from '../../src/gateway/gateway-file.ts';
import type { Provider } from '../../src/providers/provider.ts';

export default class BackendAdd extends BaseCommand {
  static override summary =
    'Define a provider of your own. Anthropic, OpenAI and xAI are built in: for them, add a credential.';
  static override examples = [
    '<%= config.bin %> backend add local --base-url http://127.0.0.1:11434/v1 --auth none',
    '<%= config.bin %> backend add corp --base-url https://llm.example.com --api anthropic-messages --auth x-api-key',
  ];
  static override args = { name: Args.string({ required: true, description: 'how it is called from now on' }) };
  static override flags = {
    'base-url': Flags.string({ description: 'where it is; with /v1 for the OpenAI formats' }),
    api: Flags.string({
      description: 'what it speaks, once per format',
      multiple: true,
      options: ['anthropic-messages', 'openai-chat', 'openai-responses'],
    }),
    auth: Flags.string({
      description: 'how its key is sent',
      options: ['bearer', 'x-api-key', 'none'],
      default: 'bearer',
    }),
    'test-model': Flags.string({ description: 'the model that test calls use' }),
    'allow-private-network': Flags.boolean({ description: 'its name may resolve to a private address' }),
  };

  async run(): Promise<object> {
    const { args, flags } = await this.parse(BackendAdd);
    const known = this.app.providers().get(args.name);
    if (known?.builtIn) return this.#addCredential(known);
    if (!isProviderId(args.name)) throw badName(args.name);
    if (known) throw alreadyThere(args.name);
    const definition = definitionOf(args.name, {
      baseUrl: flags['base-url'],
      api: flags.api,
      auth: flags.auth,
      testModel: flags['test-model'],
      allowPrivateNetwork: flags['allow-private-network'],
    });
    const edits = [{ path: ['models', 'providers', args.name], value: definition }];
    await confirmConfigEdits(this.app, edits);
    const before = this.app.config();
    const { loaded } = auditedEdit(this.app, edits, { expectedDigest: before.digest });
    const note = restartNote(this.app.paths, before, loaded);
    const { host, user } = gatewayHost();
    this.log(`Added the provider ${args.name} on ${user}@${host}: ${definition.baseUrl}`);
    if (definition.auth === 'none') this.log(`It needs no credential. Check it: moltbot backend status ${args.name}`);
    else this.log(`Add its key: moltbot models auth paste-api-key --provider ${args.name}`);
    if (note) this.note(note);
    return { provider: args.name, ...definition, gatewayHost: host };
  }

  async #addCredential(provider: Provider): Promise<object> {
    if (!hasTerminal() || this.jsonEnabled()) {
      throw new MoltbotError('ALREADY_EXISTS', `${provider.displayName} is built in; what it needs is a credential.`, {
        hint: `Add one: moltbot models auth paste-api-key --provider ${provider.id}`,
      });
    }
    this.note(`${provider.displayName} is built in; what it needs is a credential.`);
    await this.config.runCommand('models:auth:add', ['--provider', provider.id]);
    return {};
  }
}

function badName(name: string): MoltbotError {
  return new MoltbotError('USAGE', `"${printable(name)}" is not a name for a provider.`, {
    hint: 'Use lower-case letters, digits and dashes, for example: moltbot backend add local --base-url …',
  });
}

function alreadyThere(name: string): MoltbotError {
  return new MoltbotError('ALREADY_EXISTS', `There already is a provider "${name}".`, {
    hint: `Change it: moltbot config set models.providers.${name}.baseUrl <url>, or remove it: moltbot backend remove ${name}`,
  });
}

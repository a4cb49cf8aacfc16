import { Args, Flags } from '@oclif/core';
import { auditedEdit } from '../../src/cli/audited-edit.ts';
import { BaseCommand } from '../../src/cli/base-command.ts';
import { confirmRemoval } from '../../src/cli/confirm-removal.ts';
import { restartNote } from '../../src/cli/restart-note.ts';
import { MoltbotError } from '../../src/core/errors.ts';
import { gatewayHost } from '../../src/gateway/gateway-file.ts';
import { findProvider } from '../../src/providers/registry.ts';

export default class BackendRemove extends BaseCommand {
  static override summary = 'Remove a provider definition of your own. Its profiles must be gone before.';
  static override examples = ['<%= config.bin %> backend remove local --yes'];
  static override args = { name: Args.string({ required: true, description: 'one of your own providers' }) };
  static override flags = { yes: Flags.boolean({ char: 'y', description: 'do not ask' }) };

  async run(): Promise<object> {
    const { args, flags } = await this.parse(BackendRemove);
    const provider = findProvider(this.app.providers(), args.name);
    if (provider.builtIn) throw builtIn(provider.id);
    this.#assertUnused(provider.id);
    await confirmRemoval(`Remove the provider ${provider.id}?`, flags.yes);
    const edits = [{ path: ['models', 'providers', provider.id], value: undefined }];
    const before = this.app.config();
    const { loaded } = auditedEdit(this.app, edits, { expectedDigest: before.digest });
    const note = restartNote(this.app.paths, before, loaded);
    const { host, user } = gatewayHost();
    this.log(`Removed the provider ${provider.id} on ${user}@${host}.`);
    if (note) this.note(note);
    return { provider: provider.id, removed: true, gatewayHost: host };
  }

  /** Without the definition nobody could use or find those credentials any more. */
  #assertUnused(providerId: string): void {
    const used = this.app
      .storesForReading()
      ?.profiles.list()
      .find(({ provider }) => provider === providerId);
    if (!used) return;
    throw new MoltbotError('USAGE', `The provider "${providerId}" still has the profile "${used.profileId}".`, {
      hint: `Remove that first: moltbot models auth remove ${used.profileId} --agent ${used.agentId}`,
    });
  }
}

function builtIn(providerId: string): MoltbotError {
  return new MoltbotError('USAGE', `The provider "${providerId}" is built in and stays.`, {
    hint: `Remove its credentials: moltbot models auth list, or your settings of it: moltbot config unset models.providers.${providerId}`,
  });
}

import { agentFlag, agentOf, BaseCommand } from '../../../src/cli/base-command.ts';
import { changeConfig } from '../../../src/cli/change-config.ts';
import { modelEdits } from '../../../src/config/agent-edits.ts';
import { modelsOf } from '../../../src/config/agent-view.ts';
import type { LoadedConfig } from '../../../src/config/load.ts';

export default class ModelsFallbacksClear extends BaseCommand {
  static override summary = 'Use no fallback models.';
  static override examples = ['<%= config.bin %> models fallbacks clear'];
  static override flags = { ...agentFlag };

  async run(): Promise<object> {
    const { flags } = await this.parse(ModelsFallbacksClear);
    const agentId = agentOf(flags);
    // An empty list, not a missing one: an agent of its own would otherwise inherit the default ones.
    const decide = ({ config, raw }: LoadedConfig) =>
      modelsOf(config, agentId).fallbacks.length === 0 ? [] : modelEdits(raw, agentId, ['model', 'fallbacks'], []);
    const { report, text } = changeConfig(this.app, decide, agentId);
    this.log(`Fallbacks: none. ${text}`);
    return { ...report, fallbacks: [] };
  }
}

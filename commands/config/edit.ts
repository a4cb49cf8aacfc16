import { BaseCommand } from '../../src/cli/base-command.ts';
import { confirmConfigText } from '../../src/cli/confirm-config.ts';
import { editDraft } from '../../src/cli/edit-in-editor.ts';
import { gatewayHost } from '../../src/gateway/gateway-file.ts';

export default class ConfigEdit extends BaseCommand {
  static override summary = 'Open the config in your editor ($VISUAL, $EDITOR) and take it over if it is valid.';
  static override description =
    'You edit a draft. A draft with a mistake is not lost: the next `config edit` opens it again.';
  static override examples = ['<%= config.bin %> config edit', 'EDITOR=nano <%= config.bin %> config edit'];

  async run(): Promise<object> {
    await this.parse(ConfigEdit);
    const draft = editDraft(this.app, process.env, process.stdin.isTTY === true);
    await confirmConfigText(this.app, draft.text);
    const { changed } = draft.takeOver();
    const { configFile } = this.app.paths;
    const { host } = gatewayHost();
    this.log(`${changed ? 'Changed' : 'Nothing to change in'} ${configFile} (gateway host ${host}).`);
    return { changed, configPath: configFile, gatewayHost: host };
  }
}

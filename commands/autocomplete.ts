import { Args } from '@oclif/core';
import { COMPLETION_SHELLS, completionScript } from '../src/cli/autocomplete/completion-script.ts';
import { wordTable } from '../src/cli/autocomplete/word-table.ts';
import { BaseCommand } from '../src/cli/base-command.ts';

export default class Autocomplete extends BaseCommand {
  static override summary = 'Print a completion script for your shell.';
  static override examples = [
    'eval "$(<%= config.bin %> autocomplete bash)"',
    '<%= config.bin %> autocomplete fish > ~/.config/fish/completions/<%= config.bin %>.fish',
  ];
  static override args = {
    shell: Args.string({ options: COMPLETION_SHELLS, description: 'bash, zsh or fish (else that of $SHELL)' }),
  };

  async run(): Promise<object> {
    const { args } = await this.parse(Autocomplete);
    const shell =
      COMPLETION_SHELLS.find((name) => name === (args.shell ?? process.env.SHELL?.split('/').at(-1))) ?? 'bash';
    const visible = this.config.commands.filter(({ hidden }) => !hidden);
    const table = wordTable(visible.map(({ id, flags }) => ({ id, flags: Object.keys(flags) })));
    const script = completionScript(shell, this.config.bin, table);
    this.log(script.trimEnd());
    return { shell, script };
  }
}

import { BaseCommand } from '../src/cli/base-command.ts';
import { runDemo } from '../src/cli/demo/run-demo.ts';
import { typedProgram } from '../src/cli/typed-program.ts';

export default class Demo extends BaseCommand {
  static override summary =
    'See a gateway at work without any key: a simulated provider, two credentials, one rate limited.';
  static override description = 'In a temporary home on free ports; ends with its terminal and leaves nothing behind.';
  static override examples = ['<%= config.bin %> demo', '<%= config.bin %> demo --json'];

  async run(): Promise<void> {
    await this.parse(Demo);
    await runDemo(
      typedProgram(),
      (line) => this.log(line),
      // Said when it has happened: the command itself goes on serving.
      (result) => this.jsonEnabled() && this.logJson(result),
    );
  }
}

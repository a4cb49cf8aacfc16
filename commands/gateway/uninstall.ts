import { Flags } from '@oclif/core';
import { BaseCommand } from '../../src/cli/base-command.ts';
import { programFile } from '../../src/cli/gateway-process/program-file.ts';
import { removeService } from '../../src/cli/units/remove-service.ts';
import { gatewayService, serviceDefinition } from '../../src/cli/units/service-definition.ts';
import { uninstallSystem } from '../../src/cli/units/uninstall-system.ts';
import { gatewayHost } from '../../src/gateway/gateway-file.ts';

export default class GatewayUninstall extends BaseCommand {
  static override summary = 'Take back what "gateway install" set up.';
  static override examples = ['<%= config.bin %> gateway uninstall', '<%= config.bin %> gateway uninstall --system'];
  static override flags = { system: Flags.boolean({ description: 'the service with a user of its own' }) };

  async run(): Promise<object> {
    const { flags } = await this.parse(GatewayUninstall);
    const program = programFile(this.config.root);
    if (flags.system) return uninstallSystem(program, (line) => this.log(line));
    const definition = serviceDefinition(gatewayService(program, process.env), this.app.paths, process.env);
    const { removed, left } = removeService(definition);
    const { host, user } = gatewayHost();
    this.log(
      removed ? `Removed ${definition.file} of ${user}@${host}.` : 'The gateway was not installed as a service.',
    );
    if (left.length > 0) this.log(`If the service still runs, end it with:\n  ${left.join('\n  ')}`);
    return { file: definition.file, removed, left };
  }
}

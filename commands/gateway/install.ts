import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Flags } from '@oclif/core';
import { BaseCommand } from '../../src/cli/base-command.ts';
import { programFile } from '../../src/cli/gateway-process/program-file.ts';
import { installSystem } from '../../src/cli/units/install-system.ts';
import { survivesReboot, userLingers } from '../../src/cli/units/reboot.ts';
import { runCommands } from '../../src/cli/units/run-commands.ts';
import { gatewayService, serviceDefinition } from '../../src/cli/units/service-definition.ts';
import { fileError } from '../../src/config/paths.ts';
import { gatewayHost } from '../../src/gateway/gateway-file.ts';
import { fileIdentityOf } from '../../src/vault/open.ts';

export default class GatewayInstall extends BaseCommand {
  static override summary = 'Let the gateway start by itself: a systemd user unit, or a launchd agent on macOS.';
  static override description =
    'With --system it gets a user, a vault and a state directory of its own, which agents of your user cannot read: a wall in place of a guard rail. That needs root.';
  static override examples = [
    '<%= config.bin %> gateway install',
    '<%= config.bin %> gateway install --print',
    '<%= config.bin %> gateway install --system --print',
  ];
  static override flags = {
    print: Flags.boolean({ description: 'show the service definition and change nothing' }),
    system: Flags.boolean({ description: 'as a user of its own, for the whole system' }),
  };

  async run(): Promise<object> {
    const { flags } = await this.parse(GatewayInstall);
    const program = programFile(this.config.root);
    if (flags.system) return installSystem(program, { print: flags.print, log: (line) => this.log(line) });
    const { paths } = this.app;
    const definition = serviceDefinition(gatewayService(program, process.env), paths, process.env);
    if (flags.print) {
      this.log(definition.text.trimEnd());
      return { file: definition.file, text: definition.text, written: false };
    }
    writeDefinition(definition.file, definition.text);
    const left = runCommands(definition.install).map((command) => command.join(' '));
    const { host, user } = gatewayHost();
    this.log(`Wrote ${definition.file} for ${user}@${host}.`);
    if (left.length > 0)
      this.log(`The service manager did not take it from here. To finish, run:\n  ${left.join('\n  ')}`);
    const reboot = survivesReboot(this.app.config().config.vault?.kind, this.#identity(), userLingers(user));
    this.log(`${reboot.survives ? 'Survives a reboot.' : 'Does not survive a reboot by itself.'} ${reboot.why}`);
    return { file: definition.file, written: true, started: left.length === 0, left, reboot };
  }

  #identity() {
    return fileIdentityOf({ stateDir: this.app.paths.stateDir, env: this.app.env });
  }
}

function writeDefinition(file: string, text: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text, { mode: 0o600 });
  } catch (error) {
    throw fileError(file, 'written', error);
  }
}

import { Args, Flags } from '@oclif/core';
import { approveEnrollment, pendingEnrollment } from '../../src/agents/change-enrollments.ts';
import type { Enrollment } from '../../src/agents/enrollment-store.ts';
import { thisPerson } from '../../src/audit/actor.ts';
import { assertCode } from '../../src/cli/agents/assert-code.ts';
import { enrollmentText } from '../../src/cli/agents/enrollment-text.ts';
import { BaseCommand } from '../../src/cli/base-command.ts';
import { confirmWidening } from '../../src/cli/guard.ts';
import { confirm } from '../../src/cli/prompts/choose.ts';
import { hasTerminal } from '../../src/cli/prompts/terminal.ts';
import { MoltbotError } from '../../src/core/errors.ts';
import { printable } from '../../src/core/text.ts';
import { gatewayHost } from '../../src/gateway/gateway-file.ts';

export default class AgentsApprove extends BaseCommand {
  static override summary = 'Let an agent of another machine in, with what it asked for or less.';
  static override description = 'It starts without credentials: grant it a profile, or store one for it.';
  static override examples = [
    '<%= config.bin %> agents approve builder',
    '<%= config.bin %> agents approve builder --code KTRW-QZXD --can anthropic --model anthropic/claude-haiku-4-5',
  ];
  static override args = { enrollment: Args.string({ required: true, description: 'its name or id' }) };
  static override flags = {
    code: Flags.string({ description: 'as the other machine shows it; needed without a terminal' }),
    can: Flags.string({ multiple: true, description: 'only this provider of those it asked for' }),
    model: Flags.string({ multiple: true, description: 'only this model' }),
    yes: Flags.boolean({ char: 'y', description: 'do not ask' }),
  };

  async run(): Promise<object> {
    const { args, flags } = await this.parse(AgentsApprove);
    const enrollment = pendingEnrollment(this.app.stores(), args.enrollment, this.app.now());
    this.note(enrollmentText(enrollment, this.app.now()));
    assertCode(enrollment, flags.code);
    if (hasTerminal() && !flags.yes) await this.#ask(enrollment);
    await confirmWidening(this.app, `let in the agent "${enrollment.name}"`);
    const by = { actor: thisPerson(), nowMs: this.app.now() };
    const allowed = { providers: flags.can, models: flags.model };
    const { policy } = approveEnrollment(this.app.stores(), enrollment, allowed, by);
    const { host, user } = gatewayHost();
    this.log(`Let in the agent ${enrollment.name} on ${user}@${host} for ${printable(policy.providers!.join(', '))}.`);
    this.log(`It has no credentials yet: moltbot models auth grant <profile> --to ${enrollment.name}`);
    return { agentId: enrollment.name, enrollmentId: enrollment.id, policy, gatewayHost: host };
  }

  async #ask({ code }: Enrollment): Promise<void> {
    if (await confirm(`Does the other machine show the code ${code}, and may this agent in?`, false)) return;
    throw new MoltbotError('INTERRUPTED', 'Nothing was decided.', { hint: 'Refuse it: moltbot agents deny <name>' });
  }
}

import { Args } from '@oclif/core';
import { denyEnrollment, pendingEnrollment } from '../../src/agents/change-enrollments.ts';
import { thisPerson } from '../../src/audit/actor.ts';
import { BaseCommand } from '../../src/cli/base-command.ts';
import { gatewayHost } from '../../src/gateway/gateway-file.ts';

export default class AgentsDeny extends BaseCommand {
  static override summary = 'Refuse an agent of another machine that asks to be let in.';
  static override examples = ['<%= config.bin %> agents deny builder'];
  static override args = { enrollment: Args.string({ required: true, description: 'its name or id' }) };

  async run(): Promise<object> {
    const { args } = await this.parse(AgentsDeny);
    const enrollment = pendingEnrollment(this.app.stores(), args.enrollment, this.app.now());
    denyEnrollment(this.app.stores(), enrollment, { actor: thisPerson(), nowMs: this.app.now() });
    const { host, user } = gatewayHost();
    this.log(`Refused the agent ${enrollment.name} (${enrollment.id}) on ${user}@${host}.`);
    return { name: enrollment.name, enrollmentId: enrollment.id, denied: true, gatewayHost: host };
  }
}

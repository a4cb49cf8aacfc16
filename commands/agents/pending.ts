import { EnrollmentStore } from '../../src/agents/enrollment-store.ts';
import { enrollmentJson, enrollmentText, ownFingerprint } from '../../src/cli/agents/enrollment-text.ts';
import { BaseCommand, jsonList } from '../../src/cli/base-command.ts';

export default class AgentsPending extends BaseCommand {
  static override summary = 'List the agents on other machines that ask to be let in, exactly as they asked.';
  static override examples = ['<%= config.bin %> agents pending', '<%= config.bin %> agents pending --json'];

  async run(): Promise<object> {
    await this.parse(AgentsPending);
    const stores = this.app.storesForReading();
    const nowMs = this.app.now();
    const pending = stores ? new EnrollmentStore(stores.database).pending(nowMs) : [];
    for (const enrollment of pending) {
      this.log(`${enrollmentText(enrollment, nowMs)}\n  Decide     moltbot agents approve ${enrollment.name}\n`);
    }
    if (pending.length === 0) this.log('Nobody asks. From another machine: moltbot enroll --server … --name … --can …');
    const fingerprint = ownFingerprint(this.app.config().config.gateway);
    if (fingerprint) this.note(`The certificate of this gateway: ${fingerprint}`);
    return jsonList(pending.map(enrollmentJson));
  }
}

import { Flags } from '@oclif/core';
import { agentFlag, agentOf, BaseCommand } from '../../src/cli/base-command.ts';
import { plainStatus, statusText } from '../../src/cli/status-text.ts';
import { MoltbotError } from '../../src/core/errors.ts';
import { parseDuration } from '../../src/core/time.ts';
import { TEST_LIMIT_MS } from '../../src/profiles/test-request.ts';
import { buildStatus } from '../../src/status/build-status.ts';
import { checkCode } from '../../src/status/check.ts';
import type { ModelsStatus } from '../../src/status/models-status.ts';
import { probe } from '../../src/status/probe.ts';
import { type StatusFacts, statusFacts } from '../../src/status/status-facts.ts';
import { isVaultAvailable } from '../../src/status/vault-availability.ts';

export default class ModelsStatusCommand extends BaseCommand {
  static override summary = 'Which models and credentials are in use, which are unusable, until when and why.';
  static override description =
    'Reads only: no vault, no network, unless --probe asks for it. With --check the exit code says 0 fine, 1 no unexpired credential, 2 one expires within 24 h, 3 none usable now.';
  static override examples = ['<%= config.bin %> models status', '<%= config.bin %> models status --check --json'];
  static override flags = {
    ...agentFlag,
    plain: Flags.boolean({ description: 'tab-separated lines', exclusive: ['json'] }),
    check: Flags.boolean({ description: 'say by exit code whether work can go on' }),
    probe: Flags.boolean({ description: 'send the cheapest call with each credential (about 10 tokens)' }),
    'probe-timeout': Flags.string({ description: 'for each call (10s unless said)', dependsOn: ['probe'] }),
    apply: Flags.boolean({ description: 'write down what the probe found', dependsOn: ['probe'] }),
  };

  async run(): Promise<ModelsStatus> {
    const { flags } = await this.parse(ModelsStatusCommand);
    const limitMs = timeoutOf(flags['probe-timeout']);
    let facts = statusFacts(this.app, agentOf(flags));
    let results: ModelsStatus['probe'];
    if (flags.probe) {
      results = {
        results: await probe(this.app, facts, { limitMs, apply: flags.apply, progress: (line) => this.note(line) }),
      };
      if (flags.apply) facts = statusFacts(this.app, agentOf(flags));
    }
    const status = { ...buildStatus(facts, await isVaultAvailable(this.app)), ...(results && { probe: results }) };
    this.log(flags.plain ? plainStatus(status) : statusText(status, facts.nowMs));
    if (flags.check) this.#check(status, facts);
    return status;
  }

  #check(status: ModelsStatus, facts: StatusFacts): void {
    process.exitCode = checkCode(status, facts.inUse);
  }
}

function timeoutOf(text: string | undefined): number {
  const ms = text === undefined ? TEST_LIMIT_MS : parseDuration(text);
  if (ms !== undefined) return ms;
  throw new MoltbotError('USAGE', '--probe-timeout is not a time.', { hint: 'For example: --probe-timeout 5s' });
}

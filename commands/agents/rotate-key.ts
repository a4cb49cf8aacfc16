import { Args, Flags } from '@oclif/core';
import { rotateAgentKey } from '../../src/agents/change-agent-keys.ts';
import { parseGrace } from '../../src/agents/grace.ts';
import { thisPerson } from '../../src/audit/actor.ts';
import { BaseCommand } from '../../src/cli/base-command.ts';
import { confirmWidening } from '../../src/cli/guard.ts';
import { assertAgent } from '../../src/cli/run/token-owner.ts';
import { MoltbotError } from '../../src/core/errors.ts';
import { parseAgentId } from '../../src/core/ids.ts';
import { printable } from '../../src/core/text.ts';
import { formatDuration } from '../../src/core/time.ts';
import { gatewayHost } from '../../src/gateway/gateway-file.ts';

export default class AgentsRotateKey extends BaseCommand {
  static override summary = 'Make an agent key, or put a new one in the place of the old, which works on for a while.';
  static override description =
    'The key is shown once, on stdout. It can ask the gateway for access tokens and for nothing else. With --oauth it is the client secret of OAuth client credentials; the client id is the agent’s name.';
  static override examples = [
    '<%= config.bin %> agents rotate-key reviewer --grace 10m',
    '<%= config.bin %> agents rotate-key reviewer --oauth --json',
  ];
  static override args = { name: Args.string({ required: true, description: 'an agent id' }) };
  static override flags = {
    grace: Flags.string({ default: '10m', description: 'how long the old one works on; 0 ends it now' }),
    oauth: Flags.boolean({ description: 'an OAuth client secret instead of an agent key' }),
  };

  async run(): Promise<object> {
    const { args, flags } = await this.parse(AgentsRotateKey);
    const agentId = parseAgentId(args.name);
    const graceMs = graceOf(flags.grace);
    const kind = flags.oauth ? 'client_secret' : 'key';
    assertAgent(this.app, agentId);
    await confirmWidening(this.app, `make a key for the agent "${agentId}"`);
    const by = { actor: thisPerson(), nowMs: this.app.now() };
    const { key, record, replaced } = rotateAgentKey(this.app.stores(), agentId, { kind, graceMs }, by);
    const { host, user } = gatewayHost();
    this.log(key.reveal());
    this.note(
      `Made ${flags.oauth ? 'a client secret' : 'an agent key'} for ${agentId} on ${user}@${host}; it is shown once.`,
    );
    if (replaced > 0)
      this.note(`The one before it ${graceMs === 0 ? 'has ended' : `works for ${formatDuration(graceMs)} more`}.`);
    const client = flags.oauth ? { clientId: agentId } : {};
    return { agentId, kind, ...client, key: key.reveal(), keyId: record.id, replaced, graceMs, gatewayHost: host };
  }
}

function graceOf(text: string): number {
  const graceMs = parseGrace(text);
  if (graceMs !== undefined) return graceMs;
  throw new MoltbotError('USAGE', `"${printable(text)}" is not a grace time of at most 30 days.`, {
    hint: 'For example: --grace 10m, or --grace 0 for a key that leaked',
  });
}

import { Args } from '@oclif/core';
import { agentFlag, agentOf, BaseCommand } from '../src/cli/base-command.ts';
import { whyAgent } from '../src/cli/why/why-agent.ts';
import { whyRequest } from '../src/cli/why/why-request.ts';
import { whyText } from '../src/cli/why/why-text.ts';
import { MoltbotError } from '../src/core/errors.ts';

/** How ids of requests begin. */
const REQUEST = 'mbr_';

export default class Why extends BaseCommand {
  static override summary =
    'Why an agent is stuck, since when, until when and what to type; or what happened to one request.';
  static override description =
    'Reads only: no gateway, no vault, no network. Exit code 3 when the agent is stuck; of a request it is 0 when anything is known of it.';
  static override examples = [
    '<%= config.bin %> why',
    '<%= config.bin %> why reviewer --json',
    '<%= config.bin %> why mbr_0123456789abcdef',
  ];
  static override args = {
    what: Args.string({ description: 'an agent id, or a request: x-moltbot-request-id in the answer, mbr_… in texts' }),
  };
  static override flags = agentFlag;

  async run(): Promise<object> {
    const { args, flags } = await this.parse(Why);
    if (args.what !== undefined && flags.agent !== undefined) {
      throw new MoltbotError('USAGE', 'Name an agent or a request once, not also with --agent.', {
        hint: `For example: moltbot why ${flags.agent}`,
      });
    }
    return args.what?.startsWith(REQUEST)
      ? this.#request(args.what)
      : this.#agent(agentOf({ agent: args.what ?? flags.agent }));
  }

  #agent(agentId: string): object {
    const why = whyAgent(this.app, agentId);
    this.log(whyText(why, this.app.now()));
    if (!why.usable) process.exitCode = 3;
    return { schemaVersion: 1, ...why };
  }

  #request(requestId: string): object {
    const why = whyRequest(this.app.storesForReading(), requestId, this.app.now());
    this.log([...why.sentences, `Type: ${why.command}`].join('\n'));
    return { schemaVersion: 1, ...why };
  }
}

import { Flags } from '@oclif/core';
import type { EnrolledAgent } from '../src/agents/enrolled-store.ts';
import { BaseCommand } from '../src/cli/base-command.ts';
import { readStdin } from '../src/cli/prompts/read-stdin.ts';
import { adoptKey } from '../src/cli/remote/adopt-key.ts';
import { awaitDecision } from '../src/cli/remote/await-decision.ts';
import { enrollHere } from '../src/cli/remote/enroll-here.ts';
import { fingerprintText } from '../src/cli/remote/pin-server.ts';
import { parseServer } from '../src/cli/remote/server-address.ts';
import { MoltbotError } from '../src/core/errors.ts';
import { parseAgentId } from '../src/core/ids.ts';
import { printable } from '../src/core/text.ts';
import { HOUR_MS, parseDuration } from '../src/core/time.ts';

export default class Enroll extends BaseCommand {
  static override summary = 'Ask a gateway on another machine to let an agent of this one in.';
  static override description =
    'A person there compares the code and decides. The agent key then goes into the vault of this machine, or into MOLTBOT_AGENT_KEY_FILE; "get" and "run" with --agent use the gateway there. Run it again to wait on.';
  static override examples = [
    '<%= config.bin %> enroll --server https://gateway.example:8400 --name builder --can anthropic',
    '<%= config.bin %> enroll --server https://10.0.0.5:8400 --name builder --can anthropic --fingerprint sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 --no-wait --json',
  ];
  static override flags = {
    server: Flags.string({ required: true, description: 'its proxy listener', helpValue: 'https://host:8400' }),
    name: Flags.string({ required: true, description: 'the agent, here and there' }),
    can: Flags.string({ multiple: true, description: 'a provider it wants to use; as often as needed' }),
    model: Flags.string({ multiple: true, description: 'a model it wants to use; none means any' }),
    reason: Flags.string({ description: 'what the person there reads' }),
    fingerprint: Flags.string({ description: 'of its certificate; asked at a terminal', helpValue: 'sha256:…' }),
    'plain-http': Flags.boolean({ description: 'http to a private address, inside a network that encrypts' }),
    vault: Flags.option({ options: ['keychain', 'file'] as const, description: 'for the agent key' })(),
    'agent-key-stdin': Flags.boolean({ description: 'with a key made there: moltbot agents rotate-key <name>' }),
    wait: Flags.boolean({ allowNo: true, default: true, description: 'wait for the decision' }),
    timeout: Flags.string({ default: '1h', description: 'how long to wait' }),
  };

  async run(): Promise<object> {
    const { flags } = await this.parse(Enroll);
    const timeoutMs = timeoutOf(flags.timeout);
    const wish = {
      server: parseServer(flags.server, flags['plain-http']),
      name: parseAgentId(flags.name),
      providers: flags.can ?? [],
      models: flags.model,
      reason: flags.reason,
      fingerprint: flags.fingerprint,
      vault: flags.vault,
      note: (line: string) => this.note(line),
    };
    if (flags['agent-key-stdin']) {
      const { enrolled, place } = await adoptKey(this.app, wish, await readStdin());
      return this.#report(enrolled, place.name);
    }
    const waiting = await enrollHere(this.app, wish);
    const { serverUrl, agentId, code } = waiting.enrolled;
    this.note(`Asked ${serverUrl} to let "${agentId}" in. Code: ${code}`);
    this.note(`On the gateway host: moltbot agents approve ${agentId}`);
    const enrolled = flags.wait ? await awaitDecision(this.app, waiting, timeoutMs) : waiting.enrolled;
    return this.#report(enrolled, waiting.place.name);
  }

  #report(enrolled: EnrolledAgent, keyIn: string): object {
    const { agentId, serverUrl, fingerprint, code, providers, enrollmentId } = enrolled;
    const state = enrollmentId === null ? 'approved' : 'pending';
    if (state === 'pending') this.log(`Agent ${agentId} waits at ${serverUrl}; run this again to fetch the decision.`);
    else {
      this.log(
        `Agent ${agentId} is let in at ${serverUrl}${providers.length === 0 ? '' : ` for ${printable(providers.join(', '))}`}.`,
      );
      this.log(`Its key is in ${printable(keyIn)}. Use it: moltbot run --agent ${agentId} -- claude`);
    }
    const pinned = fingerprint === null ? null : fingerprintText(fingerprint);
    return { agentId, server: serverUrl, fingerprint: pinned, state, code: code || null, providers, keyIn };
  }
}

function timeoutOf(text: string): number {
  const timeoutMs = parseDuration(text);
  if (timeoutMs !== undefined && timeoutMs <= 24 * HOUR_MS) return timeoutMs;
  throw new MoltbotError('USAGE', `"${printable(text)}" is not a time to wait.`, {
    hint: 'For example: --timeout 10m',
  });
}

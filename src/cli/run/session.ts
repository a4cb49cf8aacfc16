import { homedir } from 'node:os';
import type { TokenBudget } from '../../agents/policy.ts';
import type { App } from '../../app.ts';
import { spentText } from '../../budgets/spent-text.ts';
import { printable } from '../../core/text.ts';
import type { Provider } from '../../providers/provider.ts';
import { hideCredentials } from '../hide-credentials.ts';
import { childEnvironment } from './child-environment.ts';
import { withClaudeArguments } from './claude-arguments.ts';
import { type ClientOverride, clientOverrides } from './client-overrides.ts';
import { clientVariables } from './client-variables.ts';
import { withCodexArguments } from './codex-arguments.ts';
import { hiddenKeys } from './hidden-keys.ts';
import { type KeptToken, keepToken } from './kept-token.ts';
import { runChild } from './run-child.ts';

export interface RunSession {
  readonly command: readonly string[];
  readonly agentId: string;
  readonly gatewayUrl: string;
  /** Where the variables lead: at most one provider per dialect. */
  readonly providers: readonly Provider[];
  /** Whether the token is for those providers only, and not for all of the agent's. */
  readonly onlyThose: boolean;
  /** What its token carries; `run: claude` unless said. */
  readonly label?: string | undefined;
  /** What the program may spend. */
  readonly budget?: TokenBudget | undefined;
  /** Makes the token; left out, it is one of the gateway on this machine. */
  readonly keep?: ((grant: RunGrant) => Promise<KeptToken>) | undefined;
  /** Further variables for the program. */
  readonly variables?: Readonly<Record<string, string>> | undefined;
  /** Takes lines for the person. */
  readonly note: (line: string) => void;
}

/** What the token of a program is asked for with. */
export interface RunGrant {
  readonly agentId: string;
  readonly providers?: readonly string[] | undefined;
  readonly policy?: { readonly budget: TokenBudget } | undefined;
  readonly label: string;
}

/** Runs one program with one token, which is renewed while it lives and revoked when it ends. Gives its exit code. */
export async function runSession(app: App, session: RunSession): Promise<number> {
  const { command, agentId, gatewayUrl, providers, budget, label } = session;
  // A key that was pasted in the place of a program is neither shown nor kept.
  const name = hideCredentials(command[0]!);
  const only = session.onlyThose ? { providers: providers.map(({ id }) => id) } : {};
  const grant = { agentId, label: label ?? `run: ${name}`, ...only, ...(budget && { policy: { budget } }) };
  const kept = session.keep ? await session.keep(grant) : keepToken(app.stores(), grant, app.now);
  try {
    const variables = clientVariables({ gatewayUrl, token: kept.token, providers });
    const { env, removed } = childEnvironment(process.env, hiddenKeys(app), {
      ...variables,
      ...session.variables,
      // Whom commands of ours mean that the program starts; another agent's token is then asked for with the passphrase.
      MOLTBOT_AGENT: agentId,
    });
    if (removed.length > 0) session.note(`Kept from ${printable(name)}: ${removed.join(', ')}.`);
    const overrides = overridesOf(command[0]!, variables.ANTHROPIC_BASE_URL);
    const told = withClaudeArguments(command, overrides, variables.ANTHROPIC_BASE_URL);
    for (const { file, key } of told.left) {
      session.note(`Warning: ${file} sets ${key}, which overrides what this command sets.`);
    }
    const code = await runChild(withCodexArguments(told.command, variables.OPENAI_BASE_URL), env);
    const left = kept.left?.();
    if (left) session.note(`It spent ${spentText(left)}.`);
    return code;
  } finally {
    await kept.end();
  }
}

function overridesOf(program: string, baseUrl: string | undefined): ClientOverride[] {
  const claudeDir = process.env.CLAUDE_CONFIG_DIR || undefined;
  return clientOverrides(program, { home: homedir(), workingDirectory: process.cwd(), claudeDir }, baseUrl);
}

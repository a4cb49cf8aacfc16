import { type ClientOverride, isClaude } from './client-overrides.ts';

/** What `--settings` can take back for one run without a token among the arguments. */
const TAKEN_BACK = ['env.ANTHROPIC_BASE_URL', 'apiKeyHelper'];

/**
 * Claude Code reads its settings files after its environment, and `--settings` after those: where a file names another
 * base URL or a helper (a connected client has ours, and its token beside the run's would be one too many), the run's are
 * told there. `left` are the overrides that stay. Seen with version 2.1.329: an empty helper is none, null is no change.
 */
export function withClaudeArguments(
  command: readonly string[],
  overrides: readonly ClientOverride[],
  baseUrl: string | undefined,
): { command: string[]; left: readonly ClientOverride[] } {
  const [program, ...rest] = command;
  const left = overrides.filter(({ key }) => !TAKEN_BACK.includes(key));
  const hasOwn = rest.some((word) => /^--settings(=|$)/.test(word));
  if (
    program === undefined ||
    !isClaude(program) ||
    baseUrl === undefined ||
    hasOwn ||
    left.length === overrides.length
  ) {
    return { command: [...command], left: overrides };
  }
  const settings = JSON.stringify({ env: { ANTHROPIC_BASE_URL: baseUrl }, apiKeyHelper: '' });
  return { command: [program, '--settings', settings, ...rest], left };
}

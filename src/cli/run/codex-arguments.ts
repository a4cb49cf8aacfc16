import { basename } from 'node:path';

/**
 * Codex reads no base-URL variable: it is told on its command line, before any subcommand. `env_key` names the variable
 * with the token, so that the token itself is never an argument. The provider has a name of its own, because Codex adds
 * these settings to those of its file, where a connected one gets its token otherwise. Other programs get their
 * arguments unchanged.
 */
export function withCodexArguments(command: readonly string[], openaiBaseUrl: string | undefined): string[] {
  const [program, ...rest] = command;
  if (program === undefined || openaiBaseUrl === undefined || !isCodex(program)) return [...command];
  const settings = [
    'model_provider="moltbot-run"',
    'model_providers.moltbot-run.name="moltbot"',
    `model_providers.moltbot-run.base_url=${JSON.stringify(openaiBaseUrl)}`,
    'model_providers.moltbot-run.env_key="OPENAI_API_KEY"',
    'model_providers.moltbot-run.wire_api="responses"',
  ];
  return [program, ...settings.flatMap((setting) => ['-c', setting]), ...rest];
}

function isCodex(program: string): boolean {
  return /^codex(\.(exe|cmd|js))?$/.test(basename(program));
}

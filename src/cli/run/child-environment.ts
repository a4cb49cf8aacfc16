type Environment = Readonly<Record<string, string | undefined>>;

/** Variables that carry a credential of a provider, or send its clients past the gateway. */
const PROVIDER_VARIABLES = [
  'ANTHROPIC_API_KEY',
  'ANTHROPIC_AUTH_TOKEN',
  'ANTHROPIC_BASE_URL',
  'CLAUDE_CODE_OAUTH_TOKEN',
  'CLAUDE_CODE_USE_BEDROCK',
  'CLAUDE_CODE_USE_VERTEX',
  'CLAUDE_CODE_USE_FOUNDRY',
  'OPENAI_API_KEY',
  'OPENAI_BASE_URL',
  'OPENAI_ORG_ID',
  'OPENAI_PROJECT_ID',
  'CODEX_API_KEY',
  'XAI_API_KEY',
  'XAI_BASE_URL',
];

/** What opens the vault, and the identity of an agent. */
const OURS = /^MOLTBOT_(VAULT_|AGENT_KEY|ADMIN_KEY)/;

export interface ChildEnvironment {
  readonly env: Record<string, string>;
  /** Names that the parent had and the child does not, sorted; a variable that got the gateway's value is not listed. */
  readonly removed: readonly string[];
}

/**
 * The environment of a program that works through the gateway: the parent's without any provider's and the vault's
 * variables, then ours. A variable of whatever name with one of `keys` in it (a config may say `${WORK_KEY}`) goes too.
 */
export function childEnvironment(
  parent: Environment,
  hidden: { readonly names: readonly string[]; readonly keys: readonly string[] },
  ours: Readonly<Record<string, string>>,
): ChildEnvironment {
  const names = new Set([...PROVIDER_VARIABLES, ...hidden.names]);
  const keys = hidden.keys.filter((key) => key !== '');
  const env: Record<string, string> = {};
  const removed: string[] = [];
  for (const [name, value] of Object.entries(parent)) {
    if (value === undefined) continue;
    if (!names.has(name) && !OURS.test(name) && !keys.some((key) => value.includes(key))) env[name] = value;
    else if (!(name in ours)) removed.push(name);
  }
  return { env: { ...env, ...ours }, removed: removed.sort() };
}

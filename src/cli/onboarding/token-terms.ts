/** Said once whenever a subscription token is stored. */
export const TOKEN_TERMS =
  "A subscription token is meant for its owner's own Claude Code traffic under the provider's terms; other clients are served by it only when your order or pin names it.";

/** Said once when a credential came as a flag. */
export function visibleInProcessList(flags: readonly string[]): string {
  const names = flags.map((flag) => `--${flag}`).join(', ');
  return `A credential given as a flag (${names}) is visible to other programs in "ps" while this command runs; "--${flags[0]} -" reads it from stdin.`;
}

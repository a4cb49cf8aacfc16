export const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const;
export type Shell = (typeof SHELLS)[number];

/** Lines for `eval` (PowerShell: `Invoke-Expression`) that set the variables, each value quoted for that shell. */
export function shellExports(shell: Shell, variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => exportLine(shell, name, value))
    .join('\n');
}

function exportLine(shell: Shell, name: string, value: string): string {
  if (shell === 'fish') return `set -gx ${name} '${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}';`;
  if (shell === 'powershell') return `$env:${name} = '${value.replaceAll("'", "''")}'`;
  return `export ${name}='${value.replaceAll("'", `'\\''`)}'`;
}

/** The shell of a login-shell path (`/usr/bin/fish`); bash's syntax suits every POSIX shell. */
export function shellOf(path: string | undefined): Shell {
  const name = path?.split(/[\\/]/).at(-1) ?? '';
  return SHELLS.find((shell) => shell === name) ?? (/^(pwsh|powershell)/.test(name) ? 'powershell' : 'bash');
}

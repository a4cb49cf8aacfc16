import type { WordTable } from './word-table.ts';

export const COMPLETION_SHELLS = ['bash', 'zsh', 'fish'] as const;
export type CompletionShell = (typeof COMPLETION_SHELLS)[number];

/**
 * A script for the shell's start-up file. It knows all words itself, so that pressing Tab starts no process; ids and
 * names of files are completed as the shell always does.
 */
export function completionScript(shell: CompletionShell, program: string, table: WordTable): string {
  if (shell === 'fish') return fishScript(program, table);
  return shell === 'zsh'
    ? `autoload -U +X bashcompinit && bashcompinit\n${bashScript(program, table)}`
    : bashScript(program, table);
}

/** Bash 3.2 (macOS) has no associative arrays, so the table is a `case`. */
function bashScript(program: string, table: WordTable): string {
  const cases = [...table].map(([beginning, words]) => `    "${beginning}") echo "${words.join(' ')}" ;;`);
  return `_${program}_words() {
  case "$1" in
${cases.join('\n')}
  esac
}
_${program}() {
  local beginning="" next="" i=1
  while [ "$i" -lt "$COMP_CWORD" ]; do
    next="\${beginning:+$beginning }\${COMP_WORDS[$i]}"
    if [ -n "$(_${program}_words "$next")" ]; then beginning="$next"; fi
    i=$((i + 1))
  done
  COMPREPLY=($(compgen -W "$(_${program}_words "$beginning")" -- "\${COMP_WORDS[$COMP_CWORD]}"))
}
complete -o default -F _${program} ${program}
`;
}

function fishScript(program: string, table: WordTable): string {
  const cases = [...table].map(
    ([beginning, words]) => `    case '${beginning}'\n      printf '%s\\n' ${words.join(' ')}`,
  );
  return `function __${program}_words
  switch "$argv[1]"
${cases.join('\n')}
  end
end
function __${program}_complete
  set -l beginning ''
  for word in (commandline -opc)[2..-1]
    set -l next (string trim -- "$beginning $word")
    if count (__${program}_words "$next") >/dev/null
      set beginning $next
    end
  end
  __${program}_words "$beginning"
end
complete -c ${program} -a '(__${program}_complete)'
`;
}

/** What completion needs to know of one command. */
export interface CompletableCommand {
  /** `models:auth:list` */
  readonly id: string;
  readonly flags: readonly string[];
}

/** What may follow each beginning of a command line: `''` → the first words, `'models auth'` → its commands, then flags. */
export type WordTable = ReadonlyMap<string, readonly string[]>;

export function wordTable(commands: readonly CompletableCommand[]): WordTable {
  const table = new Map<string, Set<string>>();
  const add = (beginning: string, word: string) => {
    table.set(beginning, (table.get(beginning) ?? new Set()).add(word));
  };
  for (const { id, flags } of commands) {
    const words = id.split(':');
    for (const [index, word] of words.entries()) add(words.slice(0, index).join(' '), word);
    for (const flag of [...flags, 'help']) add(words.join(' '), `--${flag}`);
  }
  return new Map([...table].map(([beginning, words]) => [beginning, [...words].sort()]));
}

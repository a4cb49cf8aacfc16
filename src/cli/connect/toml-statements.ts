/** One header (`[a.b]`, `[[a]]`) or one `key = value` of a TOML text. Offsets are indexes into the text. */
export interface TomlStatement {
  readonly kind: 'table' | 'pair';
  /** Keys of the header, or of the pair within its table. */
  readonly names: readonly string[];
  readonly start: number;
  /** Of a pair. */
  readonly valueStart: number;
  /** After the header or value, before a comment or the line's end. */
  readonly end: number;
}

const BASIC = String.raw`"(?:\\.|[^"\\\n])*"`;
const LITERAL = String.raw`'[^'\n]*'`;
const NAME = `(?:[\\w-]+|${BASIC}|${LITERAL})`;
const KEY = `${NAME}(?:[ \\t]*\\.[ \\t]*${NAME})*`;
const BLANK = /(?:\s|\uFEFF|#[^\n]*)*/y;
const HEADER = new RegExp(`\\[\\[?[ \\t]*(${KEY})[ \\t]*\\]\\]?`, 'y');
const PAIR = new RegExp(`(${KEY})[ \\t]*=[ \\t]*`, 'y');
/** A string of any kind, a bracket, a comment, a line's end, or a run of anything else. */
const PIECE = new RegExp(
  String.raw`"""(?:\\[\s\S]|(?!""")[^\\])*"{3,5}|'''(?:(?!''')[\s\S])*'{3,5}|${BASIC}|${LITERAL}|[[\]{}]|#[^\n]*|\r?\n|[^"'[\]{}#\r\n]+|\r`,
  'y',
);

/** The statements of a text that a TOML parser accepts (the caller has made sure of that). */
export function tomlStatements(text: string): TomlStatement[] {
  const found: TomlStatement[] = [];
  for (let at = endOf(BLANK, text, 0); at < text.length; at = endOf(BLANK, text, at)) {
    const statement = headerAt(text, at) ?? pairAt(text, at);
    if (!statement) break;
    found.push(statement);
    at = statement.end;
  }
  return found;
}

function headerAt(text: string, start: number): TomlStatement | undefined {
  const match = matchAt(HEADER, text, start);
  if (!match) return undefined;
  const end = start + match[0].length;
  return { kind: 'table', names: namesOf(match[1]!), start, valueStart: end, end };
}

function pairAt(text: string, start: number): TomlStatement | undefined {
  const match = matchAt(PAIR, text, start);
  if (!match) return undefined;
  const valueStart = start + match[0].length;
  return { kind: 'pair', names: namesOf(match[1]!), start, valueStart, end: endOfValue(text, valueStart) };
}

/** A value ends with its line, or with a comment on it; one in brackets goes on until they close. */
function endOfValue(text: string, start: number): number {
  let depth = 0;
  let end = start;
  for (let at = start; at < text.length; ) {
    const piece = matchAt(PIECE, text, at)![0];
    if (depth === 0 && /^(#|\r?\n)/.test(piece)) break;
    if (/^[[{]/.test(piece)) depth++;
    if (/^[\]}]/.test(piece)) depth--;
    at += piece.length;
    if (piece.trim() !== '') end = at - (piece.length - piece.trimEnd().length);
  }
  return end;
}

function namesOf(key: string): string[] {
  return [...key.matchAll(new RegExp(NAME, 'g'))].map(([name]) => {
    if (name.startsWith("'")) return name.slice(1, -1);
    // A name with an escape that JSON does not know is none of ours.
    return name.startsWith('"') && !/\\[Uxe]/.test(name) ? (JSON.parse(name) as string) : name;
  });
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function endOf(pattern: RegExp, text: string, at: number): number {
  return at + (matchAt(pattern, text, at)?.[0].length ?? 0);
}

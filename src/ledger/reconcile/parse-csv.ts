/** A line of a table: where it began in the file, counted from 1, and its cells. */
export interface CsvLine {
  readonly line: number;
  readonly cells: readonly string[];
}

const SEPARATORS = [',', ';', '\t'];

/**
 * Comma-separated values as RFC 4180 has them and as programs write them: with a byte order mark or without, lines that
 * end in any way, semicolons or tabs in place of commas, quotes in the middle of a cell. Empty lines are left out. A quote
 * that is never closed ends with the file. Takes time in proportion to the text, whatever it holds.
 */
export function parseCsv(text: string): CsvLine[] {
  const body = text.startsWith('\ufeff') ? text.slice(1) : text;
  const separator = separatorOf(body);
  const cell = new RegExp(
    `"([^"]*(?:""[^"]*)*)(?:"|$)|([^"${separator}\\r\\n]+)|(${separator})|(\\r\\n|\\r|\\n)`,
    'gy',
  );
  const lines: CsvLine[] = [];
  let [line, began] = [1, 1];
  let cells = [''];
  const end = () => {
    if (cells.length > 1 || cells[0] !== '') lines.push({ line: began, cells });
    cells = [''];
    began = line;
  };
  for (const [, quoted, plain, isSeparator, isEnd] of body.matchAll(cell)) {
    if (isSeparator !== undefined) cells.push('');
    else if (isEnd !== undefined) {
      line++;
      end();
    } else {
      cells.push(cells.pop()! + (quoted?.replaceAll('""', '"') ?? plain!));
      line += (quoted?.split('\n').length ?? 1) - 1;
    }
  }
  end();
  return lines;
}

/** The one that stands most often in the first line. */
function separatorOf(body: string): string {
  const first = body.slice(0, /[\r\n]|$/.exec(body)!.index);
  const count = (separator: string) => first.split(separator).length;
  return SEPARATORS.reduce((best, separator) => (count(separator) > count(best) ? separator : best));
}

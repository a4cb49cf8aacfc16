import JSON5 from 'json5';
import * as v from 'valibot';
import { type CatalogFile, catalogFileSchema } from '../../catalog/catalog-file.ts';
import { catalogProblems } from '../../catalog/catalog-problems.ts';
import { SHIPPED } from '../../catalog/shipped.ts';
import { type Span, spanAt, spansOf, tokenize } from '../../config/json5-spans.ts';
import { formatPath } from '../../config/path.ts';
import { type Problem, problemLine } from '../../config/problem.ts';
import { schemaProblem } from '../../config/schema-problem.ts';
import { structureProblems } from '../../config/structure-problems.ts';
import { syntaxProblem } from '../../config/syntax-problem.ts';
import { MoltbotError } from '../../core/errors.ts';
import { readTextFile } from '../read-text-file.ts';

const EXAMPLE = 'moltbot models prices export writes the present one, to begin with.';
/** Of brackets; a file of this shape has five. */
const DEEPEST = 10;

/** A catalog in JSON5, checked as a whole. Fails with USAGE, NOT_PERMITTED, or INVALID_FIELDS, which names the first mistake. */
export function readCatalogFile(path: string): CatalogFile {
  const text = readTextFile(path, {
    largestMb: 1,
    whenTooLarge: 'Take out models that nobody uses.',
    hint: `Give a file with models and prices: ${EXAMPLE}`,
  }).replace(/^\ufeff/, '');
  const read = catalogIn(text);
  if (Array.isArray(read)) throw invalid(path, text, read);
  return read;
}

/** The file's catalog, or what is wrong with it. */
function catalogIn(text: string): CatalogFile | Problem[] {
  const deep = tooDeep(text);
  if (deep) return [deep];
  let raw: unknown;
  try {
    raw = JSON5.parse(text);
  } catch (error) {
    return [syntaxProblem(text, error)];
  }
  const spans = spansOf(text);
  const structural = structureProblems(text, spans, () => false);
  if (structural.length > 0) return structural;
  const { success, output, issues } = v.safeParse(catalogFileSchema, raw);
  if (!success) return issues.map((issue) => schemaProblem(spans, issue, catalogFileSchema));
  return whereProblems(spans, output) ?? output;
}

function whereProblems(spans: Span, file: CatalogFile): Problem[] | undefined {
  const problems = catalogProblems(file, SHIPPED);
  if (problems.length === 0) return undefined;
  return problems.map(({ path, what, fix }) => ({
    offset: spanAt(spans, path)?.start ?? 0,
    key: formatPath(path),
    what,
    fix,
  }));
}

/** Looked for first: what reads the text further on calls itself for every bracket. */
function tooDeep(text: string): Problem | undefined {
  let depth = 0;
  for (const token of tokenize(text)) {
    if (token.text === '{' || token.text === '[') depth += 1;
    else if (token.text === '}' || token.text === ']') depth -= 1;
    if (depth > DEEPEST) return { offset: token.start, key: '', what: 'too many brackets in each other', fix: EXAMPLE };
  }
  return undefined;
}

function invalid(path: string, text: string, problems: readonly Problem[]): MoltbotError {
  const [first, ...others] = problems.toSorted((a, b) => a.offset - b.offset);
  const more = others.length === 0 ? '' : ` After this one: ${others.length} more.`;
  const hint = `${first!.fix}${more} Nothing was changed.`;
  return new MoltbotError('INVALID_FIELDS', `${problemLine(path, text, first!)}.`, { hint });
}

import { type ControlFields, readControlFields } from './control-fields.ts';
import { elementsAt, type Span } from './json-scan.ts';

/** Stands for a model that is there, or must be, and cannot be read: no list allows it. */
const UNREADABLE = '';
const LONGEST_NAME = 1000;
/** Where providers read further models from: what serves in place of the first. */
const LISTS_OF_MODELS = ['models', 'fallbacks', 'fallback_models', 'fallback_model'];

/**
 * The models a body names beside its top-level `model`: those of a batch's requests, of tools that ask a model, of lists
 * of replacements. What cannot be read is `''`. Each object is read as strictly as the body itself.
 * @throws DUPLICATE_FIELDS, BAD_REQUEST as `readControlFields`.
 */
export function otherModels(body: Buffer, isBatch: boolean): string[] {
  const control = readControlFields(body);
  if (!control) return isBatch ? [UNREADABLE] : [];
  const models = modelsBeside(body, control);
  return isBatch ? [...models, ...modelsOfBatch(body, control)] : models;
}

function modelsOfBatch(body: Buffer, { fields }: ControlFields): string[] {
  const requests = fields.get('requests');
  const elements = requests && arrayAt(body, requests);
  if (!elements || elements.length === 0) return [UNREADABLE];
  return elements.flatMap((element) => {
    const entry = body.subarray(element.start, element.end);
    const request = readControlFields(entry);
    const span = request?.fields.get('params');
    const params = span && entry.subarray(span.start, span.end);
    const control = params && readControlFields(params);
    if (!request?.isPlain || !control) return [UNREADABLE];
    return [modelAt(params, control) ?? UNREADABLE, ...modelsBeside(params, control)];
  });
}

/** Of one request object: whatever names a model in it and is not its `model`. */
function modelsBeside(body: Buffer, control: ControlFields): string[] {
  const tools = control.fields.get('tools');
  return [
    ...(control.isPlain && modelAt(body, control) !== UNREADABLE ? [] : [UNREADABLE]),
    ...(tools ? modelsOfTools(body, tools) : []),
    ...LISTS_OF_MODELS.flatMap((name) => modelsIn(parsedAt(body, control.fields.get(name)))),
  ];
}

function modelsOfTools(body: Buffer, tools: Span): string[] {
  return (arrayAt(body, tools) ?? []).flatMap(({ start, end }) => {
    const tool = body.subarray(start, end);
    if (tool[0] !== 0x7b) return [];
    const control = readControlFields(tool);
    if (!control?.isPlain) return [UNREADABLE];
    return modelAt(tool, control) ?? [];
  });
}

function modelsIn(value: unknown): string[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(modelsIn);
  if (typeof value === 'object' && 'model' in value) return modelsIn(value.model);
  return [typeof value === 'string' ? value : UNREADABLE];
}

/** The `model` of an object; undefined when it has none. */
function modelAt(body: Buffer, { fields }: ControlFields): string | undefined {
  const span = fields.get('model');
  if (!span) return undefined;
  const model = span.end - span.start > LONGEST_NAME ? UNREADABLE : parsedAt(body, span);
  return typeof model === 'string' ? model : UNREADABLE;
}

function arrayAt(body: Buffer, { start }: Span): Span[] | undefined {
  return body[start] === 0x5b ? elementsAt(body, start) : undefined;
}

function parsedAt(body: Buffer, span: Span | undefined): unknown {
  if (!span) return undefined;
  try {
    return JSON.parse(body.toString('utf8', span.start, span.end)) as unknown;
  } catch {
    // No JSON: no list allows what nobody can read.
    return UNREADABLE;
  }
}

import type { WholeAnswer } from './answer.ts';
import { ERROR_TABLE } from './error-table.ts';
import type { ErrorName, Family } from './script-schema.ts';

export interface ErrorOptions {
  readonly status?: number | undefined;
  readonly message?: string | undefined;
  /** Anthropic's `details.error_code`. */
  readonly details?: string | undefined;
  readonly param?: string | undefined;
  /** OpenAI's `error.code`, where it is finer than the table's. */
  readonly code?: string | undefined;
  /** Which of xAI's three shapes; the other providers have one. */
  readonly shape?: 'object' | 'code-and-text' | 'text' | undefined;
  readonly model?: string | null | undefined;
}

/** An error answer in the provider's own shape. */
export function errorAnswer(
  family: Family,
  name: ErrorName,
  requestId: string,
  options: ErrorOptions = {},
): WholeAnswer {
  const entry = ERROR_TABLE[name];
  const familyStatus = family === 'anthropic' ? entry.status : (entry.openaiStatus ?? entry.status);
  const status = options.status ?? familyStatus;
  if (name === 'bad_gateway_html') return htmlAnswer(status);
  const body =
    family === 'anthropic' ? anthropicError(name, requestId, options) : openaiOrXaiError(family, name, options);
  return { status, headers: ['content-type', 'application/json'], body: JSON.stringify(body) };
}

/** `{"type":"error","error":{…},"request_id":…}`: the body of an answer and the data of a stream's `error` event. */
export function anthropicError(name: ErrorName, requestId: string, options: ErrorOptions = {}): object {
  const entry = ERROR_TABLE[name];
  const details = options.details ?? entry.details;
  const error = {
    type: entry.type,
    message: options.message ?? withModel(entry.message, options.model),
    ...(details === undefined ? {} : { details: { error_code: details } }),
  };
  return { type: 'error', error, request_id: requestId };
}

/** `{message, type, param, code}`. */
export function openaiErrorFields(name: ErrorName, options: ErrorOptions = {}) {
  const { openai, message } = ERROR_TABLE[name];
  return {
    message: options.message ?? withModel(openai.message ?? message, options.model),
    type: openai.type,
    param: options.param ?? null,
    code: options.code ?? openai.code,
    ...(name === 'usage_limit_reached' ? { resets_at: Math.floor(Date.now() / 1000) + 3600 } : {}),
  };
}

function openaiOrXaiError(family: Family, name: ErrorName, options: ErrorOptions): object {
  const fields = openaiErrorFields(name, options);
  const shape = options.shape ?? (family === 'xai' ? 'code-and-text' : 'object');
  if (shape === 'text') return { error: fields.message };
  if (shape === 'code-and-text') return { code: fields.code ?? fields.type, error: fields.message };
  return { error: fields };
}

function htmlAnswer(status: number): WholeAnswer {
  const body = `<html><head><title>${status} Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>`;
  return { status, headers: ['content-type', 'text/html'], body };
}

function withModel(message: string, model: string | null | undefined): string {
  return message.replace('%m', model ?? 'unknown');
}

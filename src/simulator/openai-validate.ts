import type { Exchange, WholeAnswer } from './answer.ts';
import { errorAnswer } from './errors.ts';

/** The provider's 400 or 404 for a wrong request of OpenAI's dialect; undefined when it is right. */
export function refuseOpenai(exchange: Exchange, requiredField: string): WholeAnswer | undefined {
  const { family, json, received, book } = exchange;
  const refuse = (message: string, param?: string, code?: string) =>
    errorAnswer(family, 'invalid_request', received.requestId, { message, param, code });
  if (json === undefined) return refuse('We could not parse the JSON body of your request.');
  if (typeof json.model !== 'string') return refuse('you must provide a model parameter');
  if (json[requiredField] === undefined) {
    const message = `Missing required parameter: '${requiredField}'.`;
    return refuse(message, requiredField, 'missing_required_parameter');
  }
  const listed = requiredField !== 'messages' || Array.isArray(json.messages);
  if (!listed) return refuse("Invalid type for 'messages': expected an array.", 'messages', 'invalid_type');
  if (book.models.has(json.model)) return undefined;
  return errorAnswer(family, 'model_not_found', received.requestId, { model: json.model });
}

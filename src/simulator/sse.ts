/** Headers of every event stream. */
export const STREAM_HEADERS = ['content-type', 'text/event-stream; charset=utf-8', 'cache-control', 'no-cache'];

/** An event with a name, as Messages and Responses send them; the type is repeated in its data. */
export function namedEvent(type: string, fields: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
}

/** An event without a name, as chat completions send them. */
export function dataEvent(value: object): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}

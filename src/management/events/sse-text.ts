/** One event as it is streamed. An `id` is where a client may take the stream up again. */
export interface StreamedEvent {
  readonly id?: number;
  readonly event: string;
  readonly data: object;
}

/** A line that clients throw away: keeps the connection alive and shows when it is dead. */
export const HEARTBEAT = ': still here\n\n';

/** The event in the format of WHATWG HTML, section 9.2. JSON has no line ends of its own, so its text is one line. */
export function sseText({ id, event, data }: StreamedEvent): string {
  const idLine = id === undefined ? '' : `id: ${id}\n`;
  return `${idLine}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

export interface ReadEvent {
  readonly id?: string;
  readonly event: string;
  readonly data: unknown;
}

/** An event stream that is being read over HTTP. */
export interface EventReader {
  readonly response: Response;
  /** The next event; undefined when the stream has ended. */
  next(): Promise<ReadEvent | undefined>;
  /** Everything that came so far, comments included. */
  text(): string;
  close(): Promise<void>;
}

export async function readEvents(url: string, headers: Record<string, string> = {}): Promise<EventReader> {
  const leave = new AbortController();
  const response = await fetch(url, { headers, signal: leave.signal });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let all = '';
  let rest = '';
  const next = async (): Promise<ReadEvent | undefined> => {
    for (;;) {
      const end = rest.indexOf('\n\n');
      if (end < 0) {
        const { done, value } = await reader.read();
        if (done) return undefined;
        all += value;
        rest += value;
        continue;
      }
      const event = parsed(rest.slice(0, end));
      rest = rest.slice(end + 2);
      if (event) return event;
    }
  };
  const close = async () => {
    leave.abort();
    await reader.cancel().catch(() => undefined);
  };
  return { response, next, text: () => all, close };
}

/** Undefined for a comment. */
function parsed(block: string): ReadEvent | undefined {
  const fields = block.split('\n').map((line) => /^([a-z]*): (.*)$/.exec(line));
  const field = (name: string) => fields.find((each) => each?.[1] === name)?.[2];
  const [id, event, data] = [field('id'), field('event'), field('data')];
  if (event === undefined || data === undefined) return undefined;
  return { ...(id !== undefined && { id }), event, data: JSON.parse(data) as unknown };
}

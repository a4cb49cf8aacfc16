import type { StreamPlan } from './jobs.ts';

/** A model without settings, and one whose cache marks get a lifetime (see `peers/gateway.ts`). */
const PLAIN_MODEL = 'claude-haiku-4-5';
export const CHANGED_MODEL = 'claude-sonnet-4-5';

export type BodyName = 'small' | 'large' | 'large-changed';

const SMALL_BYTES = 1024;
const LARGE_BYTES = 5_000_000;
/** Prose as it stands in JSON: quotes and line breaks are escaped, some of it is not ASCII. */
const PROSE =
  'The function reads "config.json" and\nreturns what is in it – or, if the file is absent, nothing at all. ';

export function bodyNamed(name: BodyName): Buffer {
  if (name === 'small') return small();
  return large(name === 'large' ? PLAIN_MODEL : CHANGED_MODEL);
}

export function streamBody(plan: StreamPlan): Buffer {
  return Buffer.from(JSON.stringify({ ...envelope(PLAIN_MODEL), stream: true, messages: [user('Hello')], plan }));
}

/** A short question of exactly 1 KB. */
function small(): Buffer {
  const request = (text: string) => JSON.stringify({ ...envelope(PLAIN_MODEL), messages: [user(text)] });
  const room = SMALL_BYTES - request('').length;
  return Buffer.from(request('moltbot '.repeat(room).slice(0, room)));
}

/** A long coding session: system prompt and tools with cache marks, many turns, one screenshot of a fifth of the whole. */
function large(model: string): Buffer {
  const mark = { cache_control: { type: 'ephemeral' } };
  const image = { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgoAAAANSUhEUg'.repeat(LARGE_BYTES / 110) };
  const messages: object[] = [
    {
      role: 'user',
      content: [
        { type: 'image', source: image },
        { type: 'text', text: PROSE, ...mark },
      ],
    },
  ];
  const turn = PROSE.repeat(40);
  for (let bytes = LARGE_BYTES / 5; bytes < LARGE_BYTES; bytes += turn.length * 1.05) {
    messages.push({ role: messages.length % 2 === 1 ? 'assistant' : 'user', content: [{ type: 'text', text: turn }] });
  }
  const system = [{ type: 'text', text: PROSE.repeat(20), ...mark }];
  return Buffer.from(JSON.stringify({ ...envelope(model), system, messages }));
}

function envelope(model: string): object {
  return { model, max_tokens: 1024, metadata: { user_id: 'bench_session_00000000-0000-4000-8000-000000000000' } };
}

function user(text: string): object {
  return { role: 'user', content: text };
}

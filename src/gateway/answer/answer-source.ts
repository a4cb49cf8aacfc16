import { once } from 'node:events';
import { MoltbotError } from '../../core/errors.ts';
import type { JudgedAnswer } from '../forward/attempt.ts';
import { contentEncodingOf } from '../headers/raw-headers.ts';
import { createStreamDecoder, isEncoded } from '../stream/decode.ts';

/** Where the readable bytes of an answer go. `data` gives false to ask for a pause (see `resume`). */
export interface ReadableSink {
  data(chunk: Buffer): boolean;
  end(): void;
  broken(cause: 'reset' | 'undecodable'): void;
}

export interface AnswerSource {
  readonly isDecoded: boolean;
  start(): void;
  resume(): void;
}

/** The answer's bytes, decoded when upstream encoded them although it was asked not to. Undefined: unknown encoding. */
export function readableSource({ answer }: JudgedAnswer, sink: ReadableSink): AnswerSource | undefined {
  const encoding = contentEncodingOf(answer.rawHeaders);
  if (!isEncoded(encoding)) return plainSource({ answer }, sink);
  const decoder = createStreamDecoder(encoding!);
  if (!decoder) return undefined;
  decoder.on('data', (chunk: Buffer) => {
    if (!sink.data(chunk)) decoder.pause();
  });
  decoder.on('end', () => sink.end());
  decoder.on('error', () => sink.broken('undecodable'));
  const data = (chunk: Buffer) => {
    if (decoder.write(chunk)) return true;
    void once(decoder, 'drain').then(
      () => answer.resume(),
      () => undefined, // It failed: the error was handled above.
    );
    return false;
  };
  const start = () => answer.pipe({ data, end: () => decoder.end(), broken: () => sink.broken('reset') });
  return { isDecoded: true, start, resume: () => decoder.resume() };
}

/** The answer's bytes as they come. */
export function plainSource({ answer }: Pick<JudgedAnswer, 'answer'>, sink: ReadableSink): AnswerSource {
  const plain = { data: sink.data, end: sink.end, broken: () => sink.broken('reset') };
  return { isDecoded: false, start: () => answer.pipe(plain), resume: () => answer.resume() };
}

/** An answer in an encoding nobody here knows, or a bomb: nothing of it is passed on. */
export function unreadable({ profile }: JudgedAnswer): MoltbotError {
  const { provider, base } = profile;
  return new MoltbotError(
    'UPSTREAM_BROKEN',
    `${provider.id} (${base.origin}) answered in an encoding that cannot be read.`,
    {
      hint: `See: moltbot backend status ${provider.id}`,
    },
  );
}

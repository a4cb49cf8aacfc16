import type { UpstreamAnswer } from './forward.ts';

/** The body of an answer, as far as it comes within the limits or before it breaks; what is beyond is not read. */
export function readAnswer(answer: UpstreamAnswer, mostBytes: number, longestMs: number): Promise<Buffer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const done = () => {
      clearTimeout(timer);
      resolve(Buffer.concat(chunks));
    };
    const stop = () => {
      answer.abort();
      done();
    };
    const timer = setTimeout(stop, longestMs);
    answer.pipe({
      data: (chunk) => {
        chunks.push(chunk);
        length += chunk.length;
        if (length > mostBytes) stop();
        return true;
      },
      end: done,
      broken: done,
    });
  });
}

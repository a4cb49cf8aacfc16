import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const PIECE_BYTES = 64 * 1024;
const LOOK_EVERY_MS = 200;

/** The last `lines` lines of a file, and the offset after them. Reads from the end, whatever the size. */
export function lastLines(file: string, lines: number): { text: string; end: number } {
  const fd = openSync(file, 'r');
  try {
    const end = fstatSync(fd).size;
    let start = end;
    let text = Buffer.alloc(0);
    while (start > 0 && countLines(text) <= lines) {
      const from = Math.max(0, start - PIECE_BYTES);
      text = Buffer.concat([readPiece(fd, from, start), text]);
      start = from;
    }
    const kept = text
      .toString('utf8')
      .split('\n')
      .slice(-(lines + 1))
      .join('\n');
    return { text: kept, end };
  } finally {
    closeSync(fd);
  }
}

/** Gives what is appended to a file from an offset on, for ever; a file that was replaced or emptied is begun anew. */
export async function followFile(file: string, from: number, take: (text: string) => void): Promise<never> {
  let at = from;
  for (;;) {
    const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    if (size < at) at = 0;
    if (size > at) {
      take(readRange(file, at, size));
      at = size;
    }
    await sleep(LOOK_EVERY_MS);
  }
}

function readRange(file: string, from: number, to: number): string {
  const fd = openSync(file, 'r');
  try {
    return readPiece(fd, from, to).toString('utf8');
  } finally {
    closeSync(fd);
  }
}

function readPiece(fd: number, from: number, to: number): Buffer {
  const piece = Buffer.alloc(to - from);
  return piece.subarray(0, readSync(fd, piece, 0, piece.length, from));
}

function countLines(text: Buffer): number {
  return text.toString('latin1').split('\n').length - 1;
}

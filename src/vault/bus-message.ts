/**
 * As much of the D-Bus wire format as a few questions with text arguments need
 * (https://dbus.freedesktop.org/doc/dbus-specification.html, "Message Protocol").
 */

export interface BusCall {
  readonly destination: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  /** Text arguments. */
  readonly texts: readonly string[];
}

/** An answer: its first value (text or boolean; undefined when it is neither), or the name of the error. */
export interface BusAnswer {
  readonly replyTo: number;
  readonly value: string | boolean | undefined;
  readonly errorName: string | undefined;
}

const METHOD_CALL = 1;
const FIELD = { path: 1, interface: 2, member: 3, errorName: 4, replySerial: 5, destination: 6, signature: 8 } as const;

export function encodeCall(call: BusCall, serial: number): Buffer {
  const body = new Writer();
  for (const text of call.texts) body.text(text);
  const fields = new Writer();
  fields.field(FIELD.path, 'o', call.path);
  fields.field(FIELD.interface, 's', call.interface);
  fields.field(FIELD.member, 's', call.member);
  fields.field(FIELD.destination, 's', call.destination);
  if (call.texts.length > 0) fields.field(FIELD.signature, 'g', 's'.repeat(call.texts.length));
  const header = new Writer();
  header.bytes('l'.charCodeAt(0), METHOD_CALL, 0, 1);
  header.uint32(body.length);
  header.uint32(serial);
  header.uint32(fields.length);
  return Buffer.concat([padded(Buffer.concat([header.buffer, fields.buffer])), body.buffer]);
}

/** The size of the message that starts here, or undefined while its first 16 bytes are not there. */
export function messageLength(bytes: Buffer): number | undefined {
  if (bytes.length < 16) return undefined;
  const read = bytes[0] === 'l'.charCodeAt(0) ? bytes.readUInt32LE.bind(bytes) : bytes.readUInt32BE.bind(bytes);
  return align(16 + read(12), 8) + read(4);
}

export function decodeAnswer(message: Buffer): BusAnswer {
  const reader = new Reader(message, 12);
  const fieldsEnd = 16 + reader.uint32();
  let replyTo = 0;
  let errorName: string | undefined;
  let signature = '';
  while (reader.at < fieldsEnd) {
    reader.align(8);
    const code = reader.byte();
    const value = reader.value(reader.signature());
    if (code === FIELD.replySerial) replyTo = Number(value);
    if (code === FIELD.errorName) errorName = String(value);
    if (code === FIELD.signature) signature = String(value);
  }
  reader.align(8);
  const value = errorName === undefined ? reader.value(signature) : undefined;
  return { replyTo, errorName, value: typeof value === 'number' ? undefined : value };
}

class Writer {
  buffer = Buffer.alloc(0);

  get length(): number {
    return this.buffer.length;
  }

  bytes(...values: number[]): void {
    this.buffer = Buffer.concat([this.buffer, Buffer.from(values)]);
  }

  uint32(value: number): void {
    this.#align(4);
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    this.bytes(...bytes);
  }

  text(text: string): void {
    const bytes = Buffer.from(text);
    this.uint32(bytes.length);
    this.bytes(...bytes, 0);
  }

  field(code: number, type: 'o' | 's' | 'g', text: string): void {
    this.#align(8);
    this.bytes(code, 1, type.charCodeAt(0), 0);
    if (type === 'g') this.bytes(text.length, ...Buffer.from(text), 0);
    else this.text(text);
  }

  #align(to: number): void {
    this.bytes(...Array<number>(align(this.length, to) - this.length).fill(0));
  }
}

class Reader {
  readonly #bytes: Buffer;
  readonly #littleEndian: boolean;
  at: number;

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.#littleEndian = bytes[0] === 'l'.charCodeAt(0);
    this.at = at;
  }

  align(to: number): void {
    this.at = align(this.at, to);
  }

  byte(): number {
    return this.#bytes.readUInt8(this.at++);
  }

  uint32(): number {
    this.align(4);
    const value = this.#littleEndian ? this.#bytes.readUInt32LE(this.at) : this.#bytes.readUInt32BE(this.at);
    this.at += 4;
    return value;
  }

  signature(): string {
    return this.#text(this.byte());
  }

  /** The value of the types that occur here; anything else is not looked at. */
  value(signature: string): string | number | boolean | undefined {
    if (signature === 's' || signature === 'o') return this.#text(this.uint32());
    if (signature === 'g') return this.signature();
    if (signature === 'u') return this.uint32();
    if (signature === 'b') return this.uint32() === 1;
    return signature === 'v' ? this.value(this.signature()) : undefined;
  }

  #text(length: number): string {
    const text = this.#bytes.toString('utf8', this.at, this.at + length);
    this.at += length + 1;
    return text;
  }
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(align(bytes.length, 8) - bytes.length)]);
}

function align(at: number, to: number): number {
  return Math.ceil(at / to) * to;
}

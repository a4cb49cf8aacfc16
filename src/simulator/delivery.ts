import type { WholeAnswer } from './answer.ts';
import type { Encoding } from './encoder.ts';

/** How the connection ends after what was sent. */
export type Ending = 'end' | 'reset' | 'silence';

/** A whole answer on the wire: `sendBytes` short of the body when it is to break. */
export interface WholeDelivery {
  readonly answer: WholeAnswer;
  readonly sendBytes: number | undefined;
  readonly ending: Ending;
}

/** A stream on the wire, frame by frame. */
export interface StreamDelivery {
  readonly headers: readonly string[];
  readonly frames: Iterable<string>;
  readonly ping: string;
  readonly encoding: Encoding | undefined;
  readonly ending: Ending;
}

/** No answer at all: the connection is reset, or stays open for ever. */
export interface NoDelivery {
  readonly nothing: 'reset' | 'silence';
}

/** Bytes without an end or far larger than they look. */
export interface BulkDelivery {
  readonly headers: readonly string[];
  readonly chunks: Iterable<Buffer>;
}

export type Delivery = WholeDelivery | StreamDelivery | NoDelivery | BulkDelivery;

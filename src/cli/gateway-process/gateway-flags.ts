import { Flags } from '@oclif/core';

/** Where a gateway listens, for the commands that start one. */
export const listenFlags = {
  host: Flags.string({ description: 'address to listen on (else gateway.host, else 127.0.0.1)' }),
  port: Flags.integer({
    description: 'port to listen on, 0 picks one (else gateway.port, else 8400)',
    min: 0,
    max: 65_535,
  }),
};

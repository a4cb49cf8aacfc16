import type { Paths } from '../../config/paths.ts';
import type { Client } from './client.ts';
import { CLIENTS } from './clients.ts';
import { type ConnectionRecord, readRecord } from './connection-record.ts';

/** The clients that were connected and not given back, with what is known of that. */
export function connectedClients(paths: Pick<Paths, 'stateDir'>): { client: Client; record: ConnectionRecord }[] {
  return Object.values(CLIENTS).flatMap((client) => {
    const record = readRecord(paths, client.id);
    return record ? [{ client, record }] : [];
  });
}

import { homedir } from 'node:os';
import { resolve } from 'node:path';
import type { App } from '../../app.ts';
import { digestOf } from '../../config/load.ts';
import { MoltbotError } from '../../core/errors.ts';
import { printable } from '../../core/text.ts';
import { gatewayUrl } from '../gateway-process/gateway-address.ts';
import { clientBaseUrl } from '../run/client-base-url.ts';
import { withCredential } from '../run/credential-note.ts';
import type { Client, Connection } from './client.ts';
import { type ConnectionRecord, forgetRecord, keepRecord, readRecord } from './connection-record.ts';
import { type ConnectionPlan, planConnection } from './plan-connection.ts';
import { readSettingsFile, type SettingsFile, writeSettingsFile } from './settings-file.ts';
import { tokenCommand } from './token-command.ts';

/** A settings file that an agent's work needs no others to read. */
const NEW_MODE = 0o600;

export interface PlannedConnection {
  readonly client: Client;
  readonly connection: Connection;
  readonly gatewayUrl: string;
  readonly file: SettingsFile;
  readonly record: ConnectionRecord | undefined;
  readonly plan: ConnectionPlan;
}

/** Reads what is there and works out what connecting would change; writes nothing. `program` is `bin/run.js`. */
export function plannedConnection(app: App, client: Client, agentId: string, program: string): PlannedConnection {
  const path = resolve(client.file(app.processEnv, homedir()));
  const record = readRecord(app.paths, client.id);
  if (record && record.file !== path) throw connectedElsewhere(client, record);
  const file = readSettingsFile(path);
  const url = gatewayUrl(app.paths, app.config().config.gateway);
  const providers = app.providers();
  const connection: Connection = {
    agentId,
    baseUrl: (provider) => clientBaseUrl(url, providers.get(provider)!),
    tokenCommand: (provider) => tokenCommand(program, app.processEnv, agentId, provider),
    providers: withCredential(app, agentId, [...providers.values()]).map(({ id }) => id),
  };
  return { client, connection, gatewayUrl: url, file, record, plan: planConnection(client, file, connection, record) };
}

/** Writes it: first what `--undo` needs, then the client's file. Where that fails, nothing has changed. */
export function makeConnection(app: App, { client, connection, file, record, plan }: PlannedConnection): void {
  const mode = record ? record.mode : (file.mode ?? null);
  keepRecord(app.paths, client.id, {
    schemaVersion: 1,
    file: file.path,
    agentId: connection.agentId,
    original: plan.original ?? null,
    mode,
    digest: digestOf(plan.text),
    written: plan.edits,
    connectedAtMs: app.now(),
  });
  try {
    writeSettingsFile(file, plan.text, file.mode ?? NEW_MODE);
  } catch (error) {
    if (record) keepRecord(app.paths, client.id, record);
    else forgetRecord(app.paths, client.id);
    throw error;
  }
}

function connectedElsewhere(client: Client, { file }: ConnectionRecord): MoltbotError {
  return new MoltbotError('ALREADY_EXISTS', `${client.name} is connected by another file: ${printable(file)}.`, {
    hint: `Give that one back first: moltbot connect ${client.id} --undo`,
  });
}

import type { App } from '../../app.ts';
import { readRunningGateway } from '../../gateway/gateway-file.ts';
import { DEFAULT_PORT } from '../gateway-process/gateway-address.ts';
import { credentialNote } from '../run/credential-note.ts';
import type { Client } from './client.ts';
import type { PlannedConnection } from './connect-client.ts';

/** What stands in the way of a connection, each as a line that says what to type. */
export function connectionNotes(app: App, { client, connection, file, plan }: PlannedConnection): string[] {
  const { agentId, baseUrl } = connection;
  const needed = client.providers.map((id) => ({ id }));
  const credential = credentialNote(app, agentId, needed);
  const settings = client.format.read(plan.text);
  return [
    ...gatewayNotes(app, client),
    ...(credential ? [credential] : []),
    ...variableNotes(app, client),
    ...client.overrides({ file: file.path, settings, workingDirectory: process.cwd(), baseUrl }),
  ];
}

function gatewayNotes(app: App, { name }: Client): string[] {
  const { port } = app.config().config.gateway;
  const running = readRunningGateway(app.paths);
  const notes: string[] = [];
  if (!running) {
    notes.push('No gateway runs now. Start it: moltbot gateway start, or at every login: moltbot gateway install');
  }
  if (!port) {
    const now = running ? new URL(running.url).port : DEFAULT_PORT;
    const fix = `moltbot config set gateway.port ${now}`;
    notes.push(
      `The gateway's port is not fixed: if it starts on another one, ${name} does not find it. Fix it: ${fix}`,
    );
  }
  return notes;
}

function variableNotes({ processEnv }: App, { name, strongerVariables }: Client): string[] {
  return strongerVariables
    .filter((variable) => processEnv[variable])
    .map((variable) => `${variable} is set in this shell, and ${name} prefers it to its settings: unset ${variable}`);
}

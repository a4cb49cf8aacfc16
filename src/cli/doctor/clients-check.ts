import { formatPath } from '../../config/path.ts';
import { agentOption } from '../../rotation/messages.ts';
import { plannedConnection } from '../connect/connect-client.ts';
import { connectedClients } from '../connect/connected-clients.ts';
import { programFile } from '../gateway-process/program-file.ts';
import type { DoctorContext, Finding } from './finding.ts';

/** A connected client still is told what it would be told now: after a move of the gateway or of this program it is not. */
export function checkClients({ app, root }: DoctorContext): Finding[] {
  return connectedClients(app.paths).map(({ client, record }) => {
    const { plan } = plannedConnection(app, client, record.agentId, programFile(root));
    if (plan.changes.length === 0) {
      return { check: 'clients', level: 'ok', message: `${client.name} is connected by ${record.file}.` };
    }
    return {
      check: 'clients',
      level: 'warning',
      message: `${client.name} is not told where the gateway is now: ${plan.changes.map(({ path }) => formatPath(path)).join(', ')}.`,
      remedy: `moltbot connect ${client.id}${agentOption(record.agentId)}`,
      file: record.file,
    };
  });
}

import type { App } from '../../app.ts';
import { ensurePrivateDirectory } from '../../config/paths.ts';
import type { Config } from '../../config/schema.ts';
import { MoltbotError } from '../../core/errors.ts';
import { VERSION } from '../../core/version.ts';
import { environmentKeys } from '../../gateway/choose/roster.ts';
import { isPortTaken, otherPortHint } from '../../gateway/free-port.ts';
import { type RunningGateway, startGateway } from '../../gateway/gateway.ts';
import { claimGateway, type GatewayRecord, gatewayHost } from '../../gateway/gateway-file.ts';
import type { BesideGateway } from '../../management/create-management.ts';
import { type RunningManagement, startManagement } from '../../management/start-management.ts';
import { assertAllowedBinding } from './allowed-binding.ts';
import { DEFAULT_PORT } from './gateway-address.ts';
import { type GatewayLog, openGatewayLog } from './gateway-log.ts';
import { portHolder } from './port-holder.ts';
import { assertSafeEnvironment } from './safe-environment.ts';

export interface ServeOptions {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  /** With no port given or configured, a taken 8400 means another one. */
  readonly freePort?: boolean | undefined;
}

export interface ServedGateway {
  readonly record: GatewayRecord;
  /** No new requests; running answers get their grace, then the gateway is gone from its file. */
  stop(graceMs: number): Promise<void>;
}

/**
 * Starts the one gateway of this state directory in this process: safe surroundings, an allowed address, the lock, the
 * log, then the listeners; from then on `gateway.json` says where it is.
 * Fails with UNSAFE_ENVIRONMENT, CONFIG_INVALID, GATEWAY_RUNNING, PORT_TAKEN or NOT_PERMITTED, and leaves nothing behind.
 */
export async function serveGateway(app: App, options: ServeOptions): Promise<ServedGateway> {
  const { config } = app.config();
  const host = options.host ?? config.gateway.host;
  assertSafeEnvironment(process.env, process.execArgv);
  assertAllowedBinding(host, config.gateway);
  assertManagementBinding(config);
  ensurePrivateDirectory(app.paths.stateDir);
  const claim = claimGateway(app.paths);
  let log: GatewayLog | undefined;
  try {
    log = openGatewayLog(app.paths.logFile, config.log.level);
    const port = await choosePort(host, { ...options, port: options.port ?? config.gateway.port });
    const gateway = await startGateway({ app, log: log.logger }, { host, port });
    const management = await startBeside({ app, log: log.logger, gateway });
    const record = recordOf(app, gateway, management);
    claim.announce(record);
    log.logger.info({ url: record.url, pid: record.pid, version: VERSION }, 'listening');
    return { record, stop: (graceMs) => stop({ gateway, management }, graceMs, log!, claim.release) };
  } catch (error) {
    log?.close();
    claim.release();
    throw error;
  }
}

interface Listeners {
  readonly gateway: RunningGateway;
  readonly management: RunningManagement;
}

/** The management listeners; where they cannot be opened, the proxy's is closed again. */
async function startBeside(beside: BesideGateway): Promise<RunningManagement> {
  try {
    return await startManagement(beside);
  } catch (error) {
    await beside.gateway.drain(0);
    throw error;
  }
}

function assertManagementBinding({ gateway, management }: Config): void {
  if (!management.http) return;
  const { host, allowedHosts } = management.http;
  assertAllowedBinding(host, gateway, { key: 'management.http.allowedHosts', allowedHosts });
}

async function stop(
  { gateway, management }: Listeners,
  graceMs: number,
  log: GatewayLog,
  release: () => void,
): Promise<void> {
  log.logger.info('draining');
  await management.stop();
  await gateway.drain(graceMs);
  log.logger.info('stopped');
  log.close();
  release();
}

function recordOf(app: App, gateway: RunningGateway, management: RunningManagement): GatewayRecord {
  return {
    pid: process.pid,
    url: gateway.url,
    managementSocket: management.socket,
    managementUrl: management.url,
    ...gatewayHost(),
    startedAtMs: app.now(),
    version: VERSION,
    environmentNames: [...environmentKeys(app.providers(), app.env).values()].map(({ name }) => name),
  };
}

async function choosePort(host: string, { port, freePort }: ServeOptions): Promise<number> {
  const wanted = port ?? DEFAULT_PORT;
  if (!(await isPortTaken(host, wanted))) return wanted;
  if (port === undefined && freePort) return 0;
  const holder = portHolder(wanted);
  throw new MoltbotError('PORT_TAKEN', `Port ${wanted} is taken${holder ? ` by ${holder}` : ''}.`, {
    hint: await otherPortHint(host, wanted),
  });
}

import type { App } from '../../app.ts';
import { ensurePrivateDirectory } from '../../config/paths.ts';
import { MoltbotError } from '../../core/errors.ts';
import { VERSION } from '../../core/version.ts';
import { environmentKeys } from '../../gateway/choose/roster.ts';
import { isPortTaken, otherPortHint } from '../../gateway/free-port.ts';
import { type RunningGateway, startGateway } from '../../gateway/gateway.ts';
import { claimGateway, type GatewayRecord, gatewayHost } from '../../gateway/gateway-file.ts';
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
 * log, then the listener; from then on `gateway.json` says where it is.
 * Fails with UNSAFE_ENVIRONMENT, CONFIG_INVALID, GATEWAY_RUNNING, PORT_TAKEN or NOT_PERMITTED, and leaves nothing behind.
 */
export async function serveGateway(app: App, options: ServeOptions): Promise<ServedGateway> {
  const { config } = app.config();
  const host = options.host ?? config.gateway.host;
  assertSafeEnvironment(process.env, process.execArgv);
  assertAllowedBinding(host, config.gateway);
  ensurePrivateDirectory(app.paths.stateDir);
  const claim = claimGateway(app.paths);
  let log: GatewayLog | undefined;
  try {
    log = openGatewayLog(app.paths.logFile, config.log.level);
    const port = await choosePort(host, { ...options, port: options.port ?? config.gateway.port });
    const gateway = await startGateway({ app, log: log.logger }, { host, port });
    const record = recordOf(app, gateway);
    claim.announce(record);
    log.logger.info({ url: record.url, pid: record.pid, version: VERSION }, 'listening');
    return { record, stop: (graceMs) => stop(gateway, graceMs, log!, claim.release) };
  } catch (error) {
    log?.close();
    claim.release();
    throw error;
  }
}

async function stop(gateway: RunningGateway, graceMs: number, log: GatewayLog, release: () => void): Promise<void> {
  log.logger.info('draining');
  await gateway.drain(graceMs);
  log.logger.info('stopped');
  log.close();
  release();
}

function recordOf(app: App, gateway: RunningGateway): GatewayRecord {
  return {
    pid: process.pid,
    url: gateway.url,
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

import { existsSync, readFileSync } from 'node:fs';
import { systemCode } from '../../core/errors.ts';
import { isPortTaken, otherPortHint } from '../../gateway/free-port.ts';
import { readRunningGateway } from '../../gateway/gateway-file.ts';
import { DEFAULT_PORT } from '../gateway-process/gateway-address.ts';
import { portHolder } from '../gateway-process/port-holder.ts';
import { programFile } from '../gateway-process/program-file.ts';
import { assertSafeEnvironment } from '../gateway-process/safe-environment.ts';
import { gatewayService, serviceDefinition } from '../units/service-definition.ts';
import type { DoctorContext, Finding } from './finding.ts';

/** The gateway's port is its own or free. */
export async function checkPort({ app }: DoctorContext): Promise<Finding[]> {
  const running = readRunningGateway(app.paths);
  if (running)
    return [{ check: 'port', level: 'ok', message: `The gateway listens at ${running.url} (pid ${running.pid}).` }];
  const { host, port: configured } = app.config().config.gateway;
  const port = configured ?? DEFAULT_PORT;
  if (!(await isPortTaken(host, port)))
    return [{ check: 'port', level: 'ok', message: `Port ${port} is free for the gateway.` }];
  const holder = portHolder(port) ?? 'another program';
  const remedy = await otherPortHint(host, port);
  // Only a port that was chosen stops the gateway; otherwise it takes a free one.
  if (configured === undefined) {
    return [
      {
        check: 'port',
        level: 'warning',
        message: `Port ${port} is taken by ${holder}; "moltbot run" takes a free one.`,
        remedy,
      },
    ];
  }
  return [
    {
      check: 'port',
      level: 'problem',
      message: `Port ${port} of the gateway is taken by ${holder}.`,
      remedy,
      exitCode: 69,
    },
  ];
}

/** What the gateway would be started with: a careful Node, an up-to-date service file, and the keys a person thinks it has. */
export function checkServiceEnvironment(context: DoctorContext): Finding[] {
  assertSafeEnvironment(context.env, process.execArgv);
  const findings = [...serviceFile(context), ...unseenKeys(context)];
  if (findings.length > 0) return findings;
  return [{ check: 'service', level: 'ok', message: 'Nothing in the environment stands in the way of the gateway.' }];
}

/** A service that was installed for another program or other directories starts something else. */
function serviceFile({ app, env, root }: DoctorContext): Finding[] {
  if (process.platform !== 'linux' && process.platform !== 'darwin') return [];
  const { file, text } = serviceDefinition(gatewayService(programFile(root), env), app.paths, env);
  if (!existsSync(file) || readText(file) === text) return [];
  return [
    {
      check: 'service',
      level: 'warning',
      message: `${file} is not what this moltbot would install.`,
      remedy: 'moltbot gateway install',
      file,
    },
  ];
}

/** A key in this shell that the running gateway does not have is a key that no request uses. */
function unseenKeys({ app, env }: DoctorContext): Finding[] {
  const running = readRunningGateway(app.paths);
  if (!running) return [];
  const names = [...app.providers().values()].flatMap(({ environmentNames }) => environmentNames);
  return names
    .filter((name) => env[name] && !running.environmentNames.includes(name))
    .map((name) => ({
      check: 'service',
      level: 'warning',
      message: `${name} is set in this shell and not in the gateway's environment: no request uses it.`,
      remedy: 'Store it instead: moltbot models auth add',
    }));
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    return systemCode(error) ?? '';
  }
}

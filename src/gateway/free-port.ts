import { createServer } from 'node:net';
import { systemCode } from '../core/errors.ts';

const FIRST_OPEN_TO_ALL = 1024;
const LAST = 65_535;
const MOST_TRIES = 100;

/** What to type when a port cannot be had: it names the next one that is free now, and the key of the config it is under. */
export async function otherPortHint(host: string, port: number, key = 'gateway.port'): Promise<string> {
  return `Take another port: moltbot config set ${key} ${await nextFreePort(host, port)}`;
}

/** Whether that port can be listened on now. Other failures than a taken port are left for whoever listens for real. */
export function isPortTaken(host: string, port: number): Promise<boolean> {
  if (port === 0) return Promise.resolve(false);
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => resolve(systemCode(error) === 'EADDRINUSE'));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(false)));
  });
}

/** The first free one after `port`; 0, any free one, when there is none near. */
async function nextFreePort(host: string, port: number): Promise<number> {
  const first = Math.max(port + 1, FIRST_OPEN_TO_ALL);
  for (let next = first; next < first + MOST_TRIES && next <= LAST; next++) {
    if (!(await isPortTaken(host, next))) return next;
  }
  return 0;
}

import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Contestant } from '../contestants.ts';
import { isThere, start } from '../processes.ts';
import { scratchDirectory } from '../scratch.ts';

export const NGINX_HINT = 'nginx is not installed, so nothing was compared with it: apt-get install nginx-light';

/** `proxy_pass` with kept connections, one worker, no access log. Undefined, said aloud, when nginx is not installed. */
export async function startNginx(upstreamPort: number): Promise<Contestant | undefined> {
  if (!isThere('nginx')) {
    console.error(NGINX_HINT);
    return undefined;
  }
  const directory = scratchDirectory();
  const port = await freePort();
  const file = join(directory, 'nginx.conf');
  writeFileSync(file, configuration(directory, port, upstreamPort));
  const started = start('measured', 'nginx', ['-p', directory, '-c', file, '-e', join(directory, 'error.log')]);
  await untilAnswering(port);
  return {
    name: 'nginx',
    pid: started.pid,
    target: { name: 'nginx', port, path: '/v1/messages', token: 'none' },
    stop: started.stop,
  };
}

function configuration(directory: string, port: number, upstreamPort: number): string {
  const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `
daemon off;
master_process off;
pid ${directory}/nginx.pid;
error_log ${directory}/error.log error;
events { worker_connections 8192; }
http {
  access_log off;
  keepalive_requests 100000000;
${folders.map((name) => `  ${name}_temp_path ${directory}/${name};`).join('\n')}
  upstream provider { server 127.0.0.1:${upstreamPort}; keepalive 64; keepalive_requests 100000000; }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://provider;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
    }
  }
}
`;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

async function untilAnswering(port: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    try {
      await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: '{}' });
      return;
    } catch {
      await sleep(50);
    }
  }
  throw new Error('nginx does not answer');
}

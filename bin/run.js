#!/usr/bin/env node
// The production entry. On an old Node it starts itself again on the one that `npm start` brought, or says what is needed.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NEEDED = 24;
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

function restartOnLocalNode() {
  const platform = `${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  const local = here(`../node_modules/node-${platform}/bin/node${process.platform === 'win32' ? '.exe' : ''}`);
  if (!existsSync(local)) {
    console.error(
      `moltbot needs Node ${NEEDED} or newer; this is ${process.version}. In a checkout, "npm start" brings one.`,
    );
    process.exit(69);
  }
  const child = spawn(local, [here('./run.js'), ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    if (!signal) process.exit(code ?? 70);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

/** In a private folder of ours: Node's own choice lies in /tmp, where another user could put code there first. */
function cacheCompiledCode() {
  try {
    const folder = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'moltbot', 'compiled');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    nodeModule.enableCompileCache(folder);
  } catch {
    // No home to write to: starting takes a little longer.
  }
}

async function start() {
  cacheCompiledCode();
  if (!existsSync(here('../dist/main.js'))) {
    console.error('moltbot is not built yet. In a checkout, build it with: npm start -- --version');
    process.exit(69);
  }
  const { main } = await import('../dist/main.js');
  await main(process.argv.slice(2));
}

if (Number(process.versions.node.split('.')[0]) < NEEDED) restartOnLocalNode();
else await start();

// Brings a fresh machine to where the scripts of package.json can run. Plain JavaScript without dependencies: it runs on
// whatever Node a person has (20 and newer), before anything is installed.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const BUILD_INPUTS = ['commands', 'src', 'web', 'scripts', 'package.json', 'package-lock.json', 'config-schema'];

/** Debian packages that suites need which start real programs. */
const TEST_PACKAGES = {
  'gnome-keyring-daemon': 'gnome-keyring',
  'dbus-daemon': 'dbus-daemon',
  age: 'age',
  tmux: 'tmux',
  ip: 'iproute2',
};

/** Installs dependencies when the lock file changed and builds when a source changed. Both are no-ops otherwise. */
export function prepare() {
  installPackages(ROOT);
  build();
}

/** What `npm test` needs beyond that: the real clients, and (on a CI machine) the real keyring. */
export function prepareTests() {
  prepare();
  installPackages(join(ROOT, 'test', 'clients'));
  if (process.env.CI === 'true' && process.getuid?.() === 0) installSystemPackages();
}

function installPackages(folder) {
  const stamp = join(folder, 'node_modules', '.moltbot-lock-hash');
  const wanted = hashOf(['package-lock.json'], folder);
  if (readIfThere(stamp) === wanted) return;
  say(`Installing packages${folder === ROOT ? '' : ' for the tests of real clients'} (once) …`);
  run('npm', ['ci', '--no-fund', '--no-audit'], folder);
  writeFileSync(stamp, wanted);
}

function build() {
  const stamp = join(ROOT, 'dist', '.source-hash');
  const wanted = hashOf(BUILD_INPUTS, ROOT);
  if (readIfThere(stamp) === wanted) return;
  say('Building …');
  run(localNode(), [join(ROOT, 'scripts', 'build.js')], ROOT);
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, wanted);
}

/** The Node of the right version that came with the packages, else the one we run on. */
function localNode() {
  const local = join(ROOT, 'node_modules', '.bin', process.platform === 'win32' ? 'node.cmd' : 'node');
  return existsSync(local) ? local : process.execPath;
}

function installSystemPackages() {
  const missing = Object.entries(TEST_PACKAGES).filter(([program]) => !isOnPath(program));
  if (missing.length === 0) return;
  const names = missing.map(([, name]) => name);
  say(`Installing ${names.join(', ')} for the tests …`);
  run('apt-get', ['update', '-qq'], ROOT);
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...names], ROOT);
}

function isOnPath(program) {
  return (process.env.PATH ?? '').split(':').some((folder) => existsSync(join(folder, program)));
}

/** SHA-256 over names and contents of files and folders. */
function hashOf(paths, folder) {
  const hash = createHash('sha256');
  const visit = (path) => {
    const full = join(folder, path);
    if (!existsSync(full)) return;
    try {
      for (const name of readdirSync(full).sort()) visit(join(path, name));
    } catch (error) {
      if (error.code !== 'ENOTDIR') throw error;
      hash.update(`${path}\0`).update(readFileSync(full)).update('\0');
    }
  };
  paths.forEach(visit);
  return hash.digest('hex');
}

function readIfThere(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

/** Runs a program with its output on stderr: stdout belongs to the command that a person typed. */
function run(program, args, folder) {
  try {
    execFileSync(program, args, { cwd: folder, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });
  } catch (error) {
    say(`"${program} ${args.join(' ')}" failed${error.code === 'ENOENT' ? `: ${program} is not installed` : ''}.`);
    process.exit(1);
  }
}

function say(line) {
  process.stderr.write(`${line}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes('--tests')) prepareTests();
  else prepare();
}

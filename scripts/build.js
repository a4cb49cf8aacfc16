// Bundles the sources into dist/: one entry per command (oclif finds commands by file) and one for the program itself,
// with shared chunks between them. Dependencies go in too: reading a few chunks instead of hundreds of small files halves
// the start of every command. Then writes oclif's manifest, so that starting the program does not load every command.
import { globSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
process.chdir(ROOT);

const commands = globSync('commands/**/*.ts').map((file) => [file.replace(/\.ts$/, ''), file]);
const input = {
  main: 'src/cli/main.ts',
  'hooks/command-not-found': 'src/cli/hooks/command-not-found.ts',
  ...Object.fromEntries(commands),
};
/** Native code, worker threads, or so seldom needed that they are loaded on demand. */
const OUTSIDE = ['@napi-rs/keyring', 'age-encryption', 'pino', 'undici'];
const isOutside = (id) => id.startsWith('node:') || builtinModules.includes(id) || OUTSIDE.includes(id);

// Written beside the old build and then put in its place, so that a program that runs meanwhile finds one or the other.
const fresh = `dist-${process.pid}`;
const bundle = await rolldown({ input, external: isOutside, platform: 'node', tsconfig: false });
await bundle.write({
  dir: fresh,
  format: 'esm',
  entryFileNames: '[name].js',
  chunkFileNames: 'chunks/[name]-[hash].js',
  sourcemap: 'hidden',
});
await bundle.close();
rmSync('dist', { recursive: true, force: true });
renameSync(fresh, 'dist');

const manifest = await manifestOf(ROOT);
writeFileSync('oclif.manifest.json', `${JSON.stringify(manifest)}\n`);

/** Loads every built command once and keeps what `--help` and the command search need. */
async function manifestOf(root) {
  const { Plugin } = await import('@oclif/core');
  const plugin = new Plugin({
    root,
    type: 'core',
    ignoreManifest: true,
    errorOnManifestCreate: true,
    respectNoCacheDefault: true,
  });
  await plugin.load();
  return plugin.manifest;
}

// Lays out what is published, in dist-package/: the built program, its manifest and schema, and a package.json without what
// only a checkout needs (scripts, development packages, the Node that `npm start` brings).
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const TARGET = join(ROOT, 'dist-package');
const ALSO = ['package.json', 'README.md', 'LICENSE'];

rmSync(TARGET, { recursive: true, force: true });
const {
  private: _private,
  scripts: _scripts,
  devDependencies: _dev,
  optionalDependencies: _nodes,
  ...published
} = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
for (const path of [...published.files, ...ALSO]) {
  cpSync(join(ROOT, path), join(TARGET, path), {
    recursive: true,
    filter: (file) => !/\.map$|\.source-hash$/.test(file),
  });
}
writeFileSync(join(TARGET, 'package.json'), `${JSON.stringify(published, null, 2)}\n`);
console.log(TARGET);

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

describe('the published package', () => {
  let folder: string;
  let files: string[];

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'moltbot-package-'));
    const staged = execFileSync(process.execPath, [join(ROOT, 'scripts/stage-package.js')], {
      encoding: 'utf8',
    }).trim();
    const [packed] = JSON.parse(
      execFileSync('npm', ['pack', '--json', '--pack-destination', folder], { cwd: staged, encoding: 'utf8' }),
    );
    files = packed.files.map((file: { path: string }) => file.path);
    execFileSync('tar', ['-xzf', join(folder, packed.filename), '-C', folder]);
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'package', 'node_modules'));
    rmSync(staged, { recursive: true });
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('holds the program and nothing of the workshop', () => {
    const roots = new Set(files.map((file) => file.split('/')[0]!));
    expect([...roots].sort()).toEqual(
      [
        'CHANGELOG.md',
        'LICENSE',
        'README.md',
        'bin',
        'config-schema',
        'dist',
        'oclif.manifest.json',
        'package.json',
      ].sort(),
    );
    expect(files).toContain('bin/run.js');
    expect(files.filter((file) => file.startsWith('bin/'))).toEqual(['bin/run.js']);
  });

  it('does not bring a Node of its own, nor anything that runs at install', () => {
    const manifest = JSON.parse(readFileSync(join(folder, 'package', 'package.json'), 'utf8'));
    expect(manifest.optionalDependencies).toBeUndefined();
    expect(manifest.scripts).toBeUndefined();
    expect(manifest.private).toBeUndefined();
  });

  it('runs', () => {
    const run = (...args: string[]) =>
      execFileSync(process.execPath, [join(folder, 'package/bin/run.js'), ...args], { encoding: 'utf8', cwd: folder });
    expect(run('--version')).toMatch(/^moltbot\/\d+\.\d+\.\d+ /);
    expect(run('models', 'list', '--provider', 'anthropic', '--json')).toContain('claude-haiku-4-5');
  });
});

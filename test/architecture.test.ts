import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

/**
 * Which floor each folder is on; imports go down. Two folders on one floor do not know each other. Types of the
 * configuration (`config/schema.ts`) are known everywhere: they are what a person can write.
 */
const FLOORS: Record<string, number> = {
  core: 0,
  catalog: 1,
  database: 1,
  vault: 2,
  providers: 2,
  config: 3,
  audit: 3,
  agents: 4,
  ledger: 4,
  rotation: 4,
  alerts: 4,
  budgets: 5,
  profiles: 5,
  gateway: 6,
  simulator: 6,
  'app.ts': 7,
  status: 8,
  management: 9,
  cli: 10,
  commands: 11,
};

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/^(import|export)( type)? [^;]*? from '(\.[^']+)';/gms)].map((match) => ({
    from: file,
    to: normalize(join(dirname(file), match[3]!)),
    typeOnly: match[2] !== undefined,
  }));
}

function floorOf(file: string): number | undefined {
  const parts = file.split('/');
  return FLOORS[parts[0] === 'commands' ? 'commands' : parts[1]!];
}

function isAllowed({ from, to, typeOnly }: Import): boolean {
  if (to === 'package.json' || (typeOnly && to === 'src/config/schema.ts')) return true;
  const [fromFolder, toFolder] = [from.split('/')[1], to.split('/')[1]];
  return fromFolder === toFolder || floorOf(from)! > floorOf(to)!;
}

const files = [...globSync('src/**/*.ts'), ...globSync('commands/**/*.ts')];

describe('the picture of the code', () => {
  it('has a floor for every folder', () => {
    expect(files.filter((file) => floorOf(file) === undefined)).toEqual([]);
  });

  it('has imports that go down only', () => {
    const wrong = files.flatMap(importsOf).filter((each) => !isAllowed(each));
    expect(wrong.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });

  it('has one file that knows SQLite, beside databases of other programs and the lock between processes', () => {
    const users = files.filter((file) => readFileSync(file, 'utf8').includes("from 'node:sqlite'"));
    expect(users.sort()).toEqual([
      'src/core/process-lock.ts',
      'src/database/database.ts',
      'src/database/foreign-database.ts',
    ]);
  });

  it('has commands that are short', () => {
    const long = globSync('commands/**/*.ts').filter((file) => readFileSync(file, 'utf8').split('\n').length > 130);
    expect(long).toEqual([]);
  });
});

import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AgentStore } from '../../src/agents/agent-store.ts';
import { maskSecret, Secret } from '../../src/core/secret.ts';
import { Database } from '../../src/database/database.ts';
import { Credentials } from '../../src/profiles/credentials.ts';
import { ProfileStore } from '../../src/profiles/profile-store.ts';
import { NEW, OLD, openTestVault } from '../fakes/credentials-child.ts';

const CHILD = join(import.meta.dirname, '../fakes/credentials-child.ts');

/** What can be seen from outside: profile by profile, whole, or a word for what is wrong with it. */
type Seen = Record<string, string>;

const before: Seen = { 'main/anthropic:default': whole(OLD) };
const OPERATIONS: [operation: string, after: Seen][] = [
  ['add', { ...before, 'reviewer/anthropic:new': whole(NEW) }],
  ['replace', { 'main/anthropic:default': whole(NEW) }],
  ['remove', {}],
  ['rename', { 'main/anthropic:new': whole(OLD) }],
];

describe('credentials after kill -9 at every step', () => {
  let root: string;
  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'moltbot-crash-'));
    await run(join(root, 'origin'), 'store', 0);
  });
  afterAll(() => rmSync(root, { recursive: true }));

  it.concurrent.each(OPERATIONS)(
    'show the old or the new whole, and start-up repairs the rest: %s',
    async (operation, after) => {
      const outcomes = new Set<string>();
      let wasKilled = true;
      for (let step = 1; wasKilled; step++) {
        const directory = join(root, `${operation}-${step}`);
        cpSync(join(root, 'origin'), directory, { recursive: true });
        wasKilled = await run(directory, operation, step);
        const seen = await look(directory);
        expect([before, after], `at step ${step}`).toContainEqual(seen);
        // Where something is left to repair, the repair is killed as well, early or late, and goes on the next time.
        if (await isUnfinished(directory)) {
          await run(directory, 'repair', (step % 4) + 1);
          expect([before, after], `in the repair of step ${step}`).toContainEqual(await look(directory));
        }
        const repaired = await repair(directory);
        expect([before, after], `after the repair of step ${step}`).toContainEqual(repaired);
        outcomes.add(JSON.stringify(repaired));
      }
      expect(outcomes).toEqual(new Set([JSON.stringify(before), JSON.stringify(after)]));
    },
    120_000,
  );
});

/** Runs the operation in a process of its own; true when it was killed on the way. */
function run(directory: string, operation: string, step: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const child = execFile(process.execPath, [CHILD, directory, operation, String(step)], (error, _, stderr) => {
      if (child.signalCode === 'SIGKILL') resolve(true);
      else if (error) reject(new Error(stderr || String(error)));
      else resolve(false);
    });
  });
}

async function look(directory: string): Promise<Seen> {
  return withState(directory, async (database, credentials) => {
    const seen: Seen = {};
    for (const { agentId, profileId } of new ProfileStore(database).list()) {
      const reading = await credentials.read(agentId, profileId);
      seen[`${agentId}/${profileId}`] =
        reading.status === 'ok'
          ? [reading.secret.reveal(), reading.origin, reading.profile.label, reading.profile.origin].join(' ')
          : reading.status;
    }
    return seen;
  });
}

/** Repairs, then checks that nothing is left over: no record, no intent, no secret, no agent without a profile. */
async function repair(directory: string): Promise<Seen> {
  await withState(directory, async (database, credentials) => {
    await credentials.repair();
    expect(credentials.unfinished()).toEqual([]);
    const profiles = new ProfileStore(database).list().map(({ agentId, profileId }) => ({ agentId, profileId }));
    expect(await openTestVault(directory).keys()).toEqual(profiles);
    const agents = new AgentStore(database).list().map(({ id }) => id);
    expect(agents).toEqual([...new Set(['main', ...profiles.map(({ agentId }) => agentId)])]);
  });
  return look(directory);
}

function isUnfinished(directory: string): Promise<boolean> {
  return withState(directory, async (_, credentials) => credentials.unfinished().length > 0);
}

async function withState<T>(
  directory: string,
  work: (database: Database, credentials: Credentials) => Promise<T>,
): Promise<T> {
  const database = Database.open(join(directory, 'state.db'));
  try {
    return await work(database, new Credentials({ database, vault: openTestVault(directory), actor: 'person:tester' }));
  } finally {
    database.close();
  }
}

function whole({ secret, origin }: typeof OLD): string {
  return [secret, origin, maskSecret(new Secret(secret)), origin].join(' ');
}

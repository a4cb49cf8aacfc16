import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AgentStore } from '../../src/agents/agent-store.ts';
import { TokenStore } from '../../src/agents/token-store.ts';
import { Database } from '../../src/database/database.ts';
import { type Grant, GrantStore } from '../../src/profiles/grant-store.ts';
import { HealthStore } from '../../src/profiles/health-store.ts';
import { type Profile, ProfileStore } from '../../src/profiles/profile-store.ts';
import type { HealthState } from '../../src/rotation/types.ts';

const GRANT: Grant = {
  ownerAgentId: 'main',
  profileId: 'anthropic:work',
  agentId: 'reviewer',
  models: ['claude-haiku-4-5'],
  requestsPerMinute: 3,
  createdAtMs: 7,
  createdBy: 'person:tester',
};

let directory: string;
let database: Database;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'moltbot-profiles-'));
  database = Database.open(join(directory, 'state.db'));
  new AgentStore(database).add('reviewer', 1);
});
afterEach(() => {
  database.close();
  rmSync(directory, { recursive: true });
});

describe('grants', () => {
  it('come back whole for both sides, and end by themselves with the profile or the agent', () => {
    const profiles = new ProfileStore(database);
    const grants = new GrantStore(database);
    new AgentStore(database).add('writer', 1);
    profiles.put(profile({}));
    const other = { ...GRANT, agentId: 'writer', models: null, requestsPerMinute: null };
    for (const grant of [other, GRANT]) grants.put(grant);
    expect(grants.ofProfile('main', 'anthropic:work')).toEqual([GRANT, other]);
    expect([grants.to('writer'), grants.get('main', 'anthropic:work', 'reviewer')]).toEqual([[other], GRANT]);
    new AgentStore(database).remove('writer');
    expect(grants.ofProfile('main', 'anthropic:work')).toEqual([GRANT]);
    profiles.delete('main', 'anthropic:work');
    expect(grants.to('reviewer')).toEqual([]);
  });

  it('follow a profile to its new id, with the tokens and sessions that name it', () => {
    const profiles = new ProfileStore(database);
    profiles.put(profile({}));
    new GrantStore(database).put(GRANT);
    new TokenStore(database).issue({ agentId: 'reviewer', profileId: 'main/anthropic:work', ttlMs: 60_000 }, 0);
    database.run("INSERT INTO sessions VALUES ('reviewer', 'anthropic', 's', 'main/anthropic:work', 1)");
    profiles.rename('main', 'anthropic:work', 'anthropic:home');
    expect(new GrantStore(database).to('reviewer')).toEqual([{ ...GRANT, profileId: 'anthropic:home' }]);
    expect(new TokenStore(database).live(0).map(({ profileId }) => profileId)).toEqual(['main/anthropic:home']);
    expect(database.all('SELECT profile_id FROM sessions')).toEqual([{ profile_id: 'main/anthropic:home' }]);
  });
});

describe('profile records', () => {
  it('come back whole, by agent and id', () => {
    const profiles = new ProfileStore(database);
    const all = [
      profile({}),
      profile({ profileId: 'xai:a', expiresAtMs: null, expiryAssumed: false }),
      profile({ agentId: 'reviewer' }),
    ];
    for (const one of [...all].reverse()) profiles.put(one);
    expect(profiles.list()).toEqual(all);
    expect(profiles.list('reviewer')).toEqual([all[2]]);
    expect(profiles.get('main', 'xai:a')).toEqual(all[1]);
    expect(profiles.get('main', 'xai:b')).toBeUndefined();
  });

  it('are not there for anybody while they are half-way', () => {
    const profiles = new ProfileStore(database);
    const halfWay = [profile({ state: 'pending' }), profile({ profileId: 'xai:a', state: 'removing' })];
    for (const one of halfWay) profiles.put(one);
    expect([profiles.list(), profiles.get('main', 'xai:a')]).toEqual([[], undefined]);
    expect(profiles.unfinished()).toEqual(halfWay);
  });

  it('keep their grants when they are overwritten', () => {
    const profiles = new ProfileStore(database);
    const grants = new GrantStore(database);
    profiles.put(profile({}));
    grants.put(GRANT);
    profiles.put(profile({ label: 'sk-ant-…0002', generation: 2 }));
    expect([profiles.list(), grants.to('reviewer')]).toEqual([
      [profile({ label: 'sk-ant-…0002', generation: 2 })],
      [GRANT],
    ]);
  });

  it('remember the latest use, never an earlier one', () => {
    const profiles = new ProfileStore(database);
    profiles.put(profile({ lastUsedAtMs: 50 }));
    profiles.put(profile({ profileId: 'xai:a', lastUsedAtMs: null }));
    const use = (profileId: string, atMs: number) => ({ agentId: 'main', profileId, atMs });
    profiles.touch([use('anthropic:work', 40), use('xai:a', 60), use('xai:gone', 70)]);
    expect(profiles.list().map(({ lastUsedAtMs }) => lastUsedAtMs)).toEqual([50, 60]);
  });

  it('take health, sessions and remembered ids with them when they go, and leave those of others', () => {
    const profiles = new ProfileStore(database);
    for (const profileId of ['anthropic:work', 'anthropic:home']) {
      profiles.put(profile({ profileId }));
      new HealthStore(database).put(health({ profileId }));
      database.run("INSERT INTO sessions VALUES ('main', 'anthropic', ?, ?, 1)", `s ${profileId}`, profileId);
      database.run("INSERT INTO owned_ids VALUES ('main', 'anthropic', ?, ?, 1)", `f ${profileId}`, profileId);
    }
    expect([profiles.delete('main', 'anthropic:work'), profiles.delete('main', 'anthropic:work')]).toEqual([
      true,
      false,
    ]);
    for (const table of ['profiles', 'health', 'sessions', 'owned_ids'])
      expect(database.all(`SELECT profile_id FROM ${table}`)).toEqual([{ profile_id: 'anthropic:home' }]);
  });

  it('take what names them along to a new id, pinned tokens too', () => {
    const profiles = new ProfileStore(database);
    profiles.put(profile({}));
    new HealthStore(database).put(health({}));
    new TokenStore(database).issue({ agentId: 'main', profileId: 'anthropic:work', ttlMs: 60_000 }, 0);
    profiles.rename('main', 'anthropic:work', 'anthropic:home');
    expect(profiles.list()).toEqual([profile({ profileId: 'anthropic:home' })]);
    expect(new HealthStore(database).list()).toEqual([health({ profileId: 'anthropic:home' })]);
    expect(new TokenStore(database).live(0).map(({ profileId }) => profileId)).toEqual(['anthropic:home']);
  });
});

describe('health records', () => {
  it('come back whole, for every agent or one, also after the database was opened anew', () => {
    const states = [
      health({}),
      health({ model: 'claude-opus-4-5', untilMs: null }),
      health({ agentId: 'reviewer', httpStatus: null }),
    ];
    for (const state of states) new HealthStore(database).put(state);
    database.close();
    database = Database.open(join(directory, 'state.db'));
    expect(new HealthStore(database).list()).toEqual(states);
    expect(new HealthStore(database).list('reviewer')).toEqual([states[2]]);
  });

  it('are replaced scope by scope', () => {
    const store = new HealthStore(database);
    store.put(health({}));
    store.put(health({ rung: 3, changedBy: 'person' }));
    expect(store.list()).toEqual([health({ rung: 3, changedBy: 'person' })]);
  });

  it('are cleared for a model, for the whole profile, or all of them', () => {
    const store = new HealthStore(database);
    const fill = () => {
      for (const model of [null, 'a', 'b']) store.put(health({ model }));
    };
    const left = () => store.list().map(({ model }) => model);
    fill();
    expect([store.clear('main', 'anthropic:work', 'a'), store.clear('main', 'anthropic:work', 'a'), left()]).toEqual([
      true,
      false,
      [null, 'b'],
    ]);
    expect([store.clear('main', 'anthropic:work', null), left()]).toEqual([true, ['b']]);
    fill();
    expect([store.clearAll('main', 'anthropic:work'), left()]).toEqual([3, []]);
  });
});

function profile(change: Partial<Profile>): Profile {
  return {
    agentId: 'main',
    profileId: 'anthropic:work',
    provider: 'anthropic',
    type: 'token',
    state: 'active',
    label: 'sk-ant-sim-…abcd',
    fingerprint: '01234567',
    baseUrl: 'http://127.0.0.1:9',
    origin: 'http://127.0.0.1:9',
    generation: 2,
    createdAtMs: 10,
    replacedAtMs: 20,
    lastUsedAtMs: 30,
    expiresAtMs: 40,
    expiryAssumed: true,
    ...change,
  };
}

function health(change: Partial<HealthState>): HealthState {
  return {
    agentId: 'main',
    profileId: 'anthropic:work',
    model: null,
    kind: 'cooldown',
    reason: 'rate_limit',
    outcome: 'rate_limited',
    httpStatus: 429,
    errorType: 'rate_limit_error',
    requestId: 'req_1',
    causedBy: 'reviewer',
    sinceMs: 1,
    untilMs: 2,
    rung: 1,
    failuresInARow: 0,
    lastFailureMs: 1,
    changedBy: 'gateway',
    ...change,
  };
}

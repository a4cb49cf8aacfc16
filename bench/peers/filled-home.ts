import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AgentStore } from '../../src/agents/agent-store.ts';
import { TokenStore } from '../../src/agents/token-store.ts';
import { HOUR_MS } from '../../src/core/time.ts';
import { Database } from '../../src/database/database.ts';
import { ProfileStore } from '../../src/profiles/profile-store.ts';
import { scratchDirectory } from '../scratch.ts';

export interface Filling {
  /** With `main`. */
  readonly agents: number;
  readonly profilesPerAgent: number;
  /** Live ones, spread over all agents. */
  readonly tokens: number;
}

/** A home whose state holds so much, and the environment that makes the program use it. Nothing of it needs a vault. */
export function filledHome({ agents, profilesPerAgent, tokens }: Filling): NodeJS.ProcessEnv {
  const home = scratchDirectory();
  const state = join(home, 'state');
  mkdirSync(state, { mode: 0o700 });
  const database = Database.open(join(state, 'state.sqlite'));
  const nowMs = Date.now();
  const names = ['main', ...Array.from({ length: agents - 1 }, (_, at) => `agent-${at}`)];
  database.transaction(() => {
    const store = { agents: new AgentStore(database), tokens: new TokenStore(database) };
    for (const name of names) {
      store.agents.add(name, nowMs);
      for (let at = 0; at < profilesPerAgent; at++) addProfile(database, name, at, nowMs);
    }
    for (let at = 0; at < tokens; at++)
      store.tokens.issue({ agentId: names[at % names.length]!, ttlMs: HOUR_MS, label: `run ${at}` }, nowMs);
  });
  database.close();
  return { PATH: process.env.PATH, HOME: home, MOLTBOT_HOME: state };
}

function addProfile(database: Database, agentId: string, at: number, nowMs: number): void {
  new ProfileStore(database).put({
    agentId,
    profileId: `anthropic:key-${at}`,
    provider: 'anthropic',
    type: 'api_key',
    state: 'active',
    label: `sk-ant-…${String(at).padStart(4, '0')}`,
    fingerprint: '00000000',
    baseUrl: null,
    origin: 'https://api.anthropic.com',
    generation: 1,
    createdAtMs: nowMs,
    replacedAtMs: null,
    lastUsedAtMs: nowMs,
    expiresAtMs: null,
    expiryAssumed: false,
  });
}

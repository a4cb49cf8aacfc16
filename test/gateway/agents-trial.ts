import { expect } from 'vitest';
import type { AgentTerms } from '../../src/agents/agent-store.ts';
import { addAgent, changeAgent, pauseAgent, resumeAgent } from '../../src/agents/change-agents.ts';
import { issueToken, renewToken, revokeToken, revokeTokens } from '../../src/agents/change-tokens.ts';
import { type Policy, ROUTE_NAMES } from '../../src/agents/policy.ts';
import { removeAgent } from '../../src/profiles/remove-agent.ts';
import { booksOver } from '../fakes/agent-books.ts';
import { storeProfile } from '../fakes/simulated-profiles.ts';
import { SMALL, TestGateway } from '../fakes/test-gateway.ts';
import { AgentsModel, type Asked, type ModelToken } from './agents-model.ts';

const MINUTE_MS = 60_000;
const NAMES = ['main', 'reviewer', 'writer', 'nightly'];
const ASKED: readonly Asked[] = [
  { provider: 'anthropic', model: 'claude-haiku-4-5', route: 'generate' },
  { provider: 'anthropic', model: 'claude-haiku-4-5', route: 'generate' },
  { provider: 'anthropic', model: 'claude-opus-4-5', route: 'generate' },
  { provider: 'anthropic', model: 'claude-haiku-4-5', route: 'count' },
  { provider: 'xai', model: 'grok-4-fast', route: 'generate' },
];
const PATHS = {
  'anthropic generate': ['anthropic/v1/messages', 'anthropic/messages', 'anthropic/v1/v1/messages'],
  'anthropic count': ['anthropic/v1/messages/count_tokens'],
  'xai generate': ['xai/v1/chat/completions', 'xai/chat/completions'],
} as Record<string, string[]>;

/** The same numbers for the same seed: mulberry32. */
function randomFrom(seed: number) {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (end: number) => Math.floor(next() * end);
  return { below, one: <T>(all: readonly T[]): T => all[below(all.length)]!, chance: (part: number) => next() < part };
}

/** One gateway, one model of it, and everything that is done to both. */
export class Trial {
  readonly random: ReturnType<typeof randomFrom>;
  readonly model: AgentsModel;
  readonly log: string[] = [];
  readonly story: string[] = [];
  readonly dead: string[] = ['mbt_nonsense'];
  gateway: TestGateway;

  constructor(gateway: TestGateway, seed: number) {
    this.gateway = gateway;
    this.random = randomFrom(seed);
    this.model = new AgentsModel(gateway.now());
  }

  get books() {
    return booksOver(this.gateway.database);
  }

  get by() {
    return { actor: 'person:tester', nowMs: this.model.nowMs } as const;
  }

  note(action: string, subject: string): void {
    this.story.push(`person:tester ${action} ${subject}`);
  }

  policy(): Policy {
    const { chance, one, below } = this.random;
    return {
      ...(chance(0.15) && { providers: one([['anthropic'], ['xai'], ['anthropic', 'xai']]) }),
      ...(chance(0.25) && {
        models: one([['anthropic/claude-haiku-4-5'], ['anthropic/*'], ['xai/*', 'anthropic/claude-opus-4-5']]),
      }),
      ...(chance(0.1) && { routes: one([['generate'], ['count'], [...ROUTE_NAMES]] as const).slice() }),
      ...(chance(0.3) && { requestsPerMinute: 1 + below(6) }),
    };
  }

  async add(): Promise<void> {
    const agentId = this.random.one(NAMES.filter((name) => !this.model.agents.has(name)));
    if (agentId === undefined) return;
    const terms: AgentTerms = {
      policy: this.policy(),
      expiresAtMs: this.random.chance(0.3) ? this.model.nowMs + (1 + this.random.below(60)) * MINUTE_MS : null,
    };
    const hasProfiles = this.random.chance(0.8);
    addAgent(this.books, agentId, terms, this.by);
    this.note('agent.added', agentId);
    this.model.agents.set(agentId, { policy: terms.policy!, expiresAtMs: terms.expiresAtMs!, hasProfiles });
    if (!hasProfiles) return;
    for (const provider of ['anthropic', 'xai'] as const) await this.store(agentId, provider);
  }

  async store(agentId: string, provider: 'anthropic' | 'xai'): Promise<void> {
    const { credentials, simulator } = this.gateway;
    await storeProfile(credentials, simulator, { name: agentId, provider, agentId }, this.model.nowMs);
    this.note('credential.stored', `${agentId}/${provider}:${agentId}`);
  }

  async remove(): Promise<void> {
    const agentId = this.random.one([...this.model.agents.keys()].filter((name) => name !== 'main'));
    if (agentId === undefined) return;
    const { profiles, credentials } = this.gateway;
    this.dead.push(...this.model.tokens.filter((token) => token.agentId === agentId).map(({ text }) => text));
    const removed = await removeAgent({ ...this.books, profiles }, () => credentials, agentId, this.by);
    this.note('token.revoked', agentId);
    for (const profileId of removed.profiles) this.note('credential.removed', `${agentId}/${profileId}`);
    this.note('agent.removed', agentId);
    this.model.remove(agentId);
  }

  change(): void {
    const agentId = this.random.one([...this.model.agents.keys()]);
    const policy = this.policy();
    changeAgent(this.books, agentId, { policy }, this.by);
    this.note('agent.changed', agentId);
    this.model.agents.get(agentId)!.policy = policy;
  }

  issue(): void {
    const { chance, below, one } = this.random;
    const agentId = one([...this.model.agents.keys()]);
    const providers = chance(0.2) ? [one(['anthropic', 'xai'])] : undefined;
    const uses = chance(0.3) ? 1 + below(4) : undefined;
    const renewForMs = chance(0.3) ? 120 * MINUTE_MS : undefined;
    const policy = chance(0.4) ? this.policy() : {};
    const grant = { agentId, providers, uses, policy, renewForMs, ttlMs: (1 + below(60)) * MINUTE_MS };
    const { token, record } = issueToken(this.books, grant, this.by);
    this.note('token.issued', record.accessor);
    const { accessor, expiresAtMs, renewUntilMs } = record;
    const rest = { usesLeft: uses ?? null, revoked: false, refused: false };
    this.model.tokens.push({
      text: token.reveal(),
      accessor,
      agentId,
      providers,
      policy,
      expiresAtMs,
      renewUntilMs,
      ...rest,
    });
  }

  renew(): void {
    const token = this.random.one(this.model.tokens);
    if (!token) return;
    const { renewUntilMs, accessor, revoked } = token;
    const may = renewUntilMs !== null && renewUntilMs > this.model.nowMs && !revoked;
    expect(renewToken(this.books, accessor, 10 * MINUTE_MS, this.by) !== undefined).toBe(may);
    if (!may) return;
    this.note('token.renewed', accessor);
    token.expiresAtMs = Math.min(this.model.nowMs + 10 * MINUTE_MS, renewUntilMs);
    token.refused = false;
  }

  revoke(): void {
    const token = this.random.one(this.model.tokens);
    if (!token) return;
    expect(revokeToken(this.books, token.accessor, this.by)).toBe(!token.revoked);
    if (!token.revoked) this.note('token.revoked', token.accessor);
    token.revoked = true;
  }

  revokeAll(): void {
    const agentId = this.random.one([...this.model.agents.keys()]);
    const { nowMs } = this.model;
    const isLive = (token: ModelToken) =>
      token.agentId === agentId && !token.revoked && Math.max(token.expiresAtMs, token.renewUntilMs ?? 0) > nowMs;
    const live = this.model.tokens.filter(isLive);
    revokeTokens(this.books, agentId, this.by);
    this.note('token.revoked', agentId);
    for (const token of live) token.revoked = true;
  }

  pause(): void {
    const agentId = this.random.chance(0.08) ? '*' : this.random.one([...this.model.agents.keys()]);
    expect(pauseAgent(this.books, agentId, 'a test', this.by)).toBe(!this.model.paused.has(agentId));
    if (!this.model.paused.has(agentId)) this.note('agent.paused', agentId);
    this.model.paused.add(agentId);
  }

  resume(): void {
    const agentId = this.random.one([...this.model.paused]);
    if (agentId === undefined) return;
    expect(resumeAgent(this.books, agentId, this.by)).toBe(true);
    this.note('agent.resumed', agentId);
    this.model.paused.delete(agentId);
  }

  move(): void {
    const ms = this.random.one([1_000, 5_000, 20_000, MINUTE_MS, 7 * MINUTE_MS, 20 * MINUTE_MS]);
    this.gateway.move(ms);
    this.model.nowMs += ms;
  }

  async restart(): Promise<void> {
    const { home, simulator, vault } = this.gateway;
    await this.gateway.stop();
    this.gateway = await TestGateway.start({ home, simulator, vault, standsAtMs: this.model.nowMs });
    this.model.restart();
  }

  /** Most often one that lives; also those of agents that are gone, and what never was one. */
  someToken(): string {
    if (this.model.tokens.length === 0 || this.random.chance(0.03)) return this.random.one(this.dead);
    const newest = this.model.tokens.slice(-6);
    return this.random.one(this.random.chance(0.8) ? newest : this.model.tokens).text;
  }

  /** The same request several times at once: each use and each place is given out once. */
  async ask(times: number): Promise<void> {
    const token = this.someToken();
    const asked = this.random.one(ASKED);
    const path = this.random.one(PATHS[`${asked.provider} ${asked.route}`]!);
    const expected = Array.from({ length: times }, () => this.model.answer(token, asked)).sort();
    this.log.push(`${times} × ${path} ${asked.model} → ${expected.join(', ')}`);
    const body = { ...SMALL, model: asked.model };
    const answers = await Promise.all(
      Array.from({ length: times }, async () => {
        const response = await this.gateway.post({ path, token, body });
        await response.arrayBuffer();
        return [response.status, response.headers.get('x-moltbot-error')].filter((part) => part !== null).join(' ');
      }),
    );
    expect(answers.sort()).toEqual(expected);
  }

  async askSelf(): Promise<void> {
    const text = this.someToken();
    const token = this.model.tokens.find((each) => each.text === text);
    const refused = this.model.login(token);
    const response = await fetch(`${this.gateway.url}/v1/self`, { headers: { authorization: `Bearer ${text}` } });
    const { agentId, usesLeft, paused } = (await response.json()) as Record<string, unknown>;
    if (refused) expect(`${response.status} ${response.headers.get('x-moltbot-error')}`).toBe(refused);
    else {
      expect([agentId, usesLeft, paused]).toEqual([
        token!.agentId,
        token!.usesLeft,
        this.model.isPaused(token!.agentId),
      ]);
    }
  }

  async step(): Promise<void> {
    const roll = this.random.below(1000);
    const operations: readonly (readonly [number, string, () => unknown])[] = [
      [520, 'ask', () => this.ask(1)],
      [560, 'ask at once', () => this.ask(2 + this.random.below(6))],
      [590, 'self', () => this.askSelf()],
      [700, 'issue', () => this.issue()],
      [730, 'renew', () => this.renew()],
      [755, 'revoke', () => this.revoke()],
      [760, 'revoke all', () => this.revokeAll()],
      [780, 'pause', () => this.pause()],
      [845, 'resume', () => this.resume()],
      [885, 'change', () => this.change()],
      [915, 'add', () => this.add()],
      [930, 'remove', () => this.remove()],
      [990, 'move', () => this.move()],
      [1000, 'restart', () => this.restart()],
    ];
    const [, name, run] = operations.find(([end]) => roll < end)!;
    this.log.push(name);
    await run();
  }
}

import type { AgentTerms } from '../../src/agents/agent-store.ts';
import { type AgentBooks, addAgent, type By } from '../../src/agents/change-agents.ts';
import { issueToken } from '../../src/agents/change-tokens.ts';
import type { TokenGrant } from '../../src/agents/token-store.ts';
import { booksOver } from './agent-books.ts';
import type { TestGateway } from './test-gateway.ts';

/** The books of a test gateway as the command line has them: over a connection of their own. */
export function booksOf({ database }: TestGateway): AgentBooks {
  return booksOver(database);
}

export function tester(gateway: TestGateway): By {
  return { actor: 'person:tester', nowMs: gateway.now() };
}

/** Adds an agent with such terms (where there is none of that name) and gives one of its tokens. */
export function tokenOf(
  gateway: TestGateway,
  agentId: string,
  terms: AgentTerms = {},
  grant: Partial<TokenGrant> = {},
): string {
  const books = booksOf(gateway);
  if (!books.agents.has(agentId)) addAgent(books, agentId, terms, tester(gateway));
  return issueToken(books, { agentId, ttlMs: 600_000, ...grant }, tester(gateway)).token.reveal();
}

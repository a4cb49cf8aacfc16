import type { Lookups } from '../../budgets/prompt-size.ts';
import { countIn, wordIn } from '../../ledger/usage/json-fields.ts';
import { membersByKey } from './json-walk.ts';
import { parsedAt } from './parsed-at.ts';

/** What the tools of a request add to what it may cost beside their text. */
export interface ProviderTools {
  /** Tools the provider describes to the model in words of its own. */
  described: number;
  lookups: readonly Lookups[];
  /** As of `PromptSize`. */
  unbounded: string | undefined;
}

/** Run by the client and described by the client: `namespace` groups such tools. */
const CLIENT_TOOLS = ['function', 'custom', 'namespace', 'local_shell', 'apply_patch'];
/** Run by the client, described by Anthropic; and OpenAI's computer. */
const DESCRIBED_TOOLS =
  /^(?:(?:bash|text_editor|computer|memory|computer_toolset|browser_toolset)_\d{8}|computer|computer_use_preview)$/;
const SEARCH = /^web_search_\d{8}$/;
const FETCH = /^web_fetch_\d{8}$/;
/** The versions whose uses are the model's own; later ones may be used from code that the model has run, unless told not to. */
const DIRECT_ONLY = ['web_search_20250305', 'web_fetch_20250910'];
/** What is more is as good as no limit. */
const MOST_USES = 1_000;
/** No request of a client has near this many that it does not run itself; without a limit one body could hold the process. */
const MOST_TOOLS = 200;
/** Some ten results with a few paragraphs each; measured answers had 2,000 to 8,000. */
const SEARCH_TOKENS = 10_000;
/** `max_content_tokens` "is approximate" (Anthropic's web fetch page). */
const FETCH_MARGIN_TOKENS = 1_000;

/** Adds the tool at an offset to what the tools before it came to. */
export function withTool(tools: ProviderTools, body: Buffer, at: number): ProviderTools {
  if (tools.described === MOST_TOOLS) return { ...tools, unbounded: 'it has too many tools to look at' };
  const members = membersByKey(body, at);
  if (!members) return { ...tools, unbounded: tools.unbounded ?? 'a tool of it cannot be read' };
  const read = (name: string): unknown => parsedAt(body, members.get(name));
  const type = members.has('type') ? read('type') : 'custom';
  if (typeof type === 'string' && CLIENT_TOOLS.includes(type)) return tools;
  const described = tools.described + 1;
  if (typeof type === 'string' && DESCRIBED_TOOLS.test(type)) return { ...tools, described };
  const lookups = typeof type === 'string' ? lookupsOf(type, read) : undefined;
  if (lookups) return { ...tools, described, lookups: [...tools.lookups, lookups] };
  const name = wordIn(type) ?? 'of unknown type';
  return { ...tools, described, unbounded: tools.unbounded ?? `the tool ${name} runs at the provider without a limit` };
}

function lookupsOf(type: string, read: (name: string) => unknown): Lookups | undefined {
  const uses = countIn(read('max_uses'));
  if (uses === undefined || uses > MOST_USES || !isDirect(type, read('allowed_callers'))) return undefined;
  if (SEARCH.test(type)) return { uses, tokensEach: SEARCH_TOKENS, isPriced: true };
  if (!FETCH.test(type)) return undefined;
  const most = countIn(read('max_content_tokens'));
  return { uses, tokensEach: most === undefined ? Infinity : most + FETCH_MARGIN_TOKENS, isPriced: false };
}

function isDirect(type: string, callers: unknown): boolean {
  if (callers === undefined) return DIRECT_ONLY.includes(type);
  return Array.isArray(callers) && callers.length === 1 && callers[0] === 'direct';
}

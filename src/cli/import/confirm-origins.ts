import { MoltbotError } from '../../core/errors.ts';
import { maskSecret } from '../../core/secret.ts';
import { printable } from '../../core/text.ts';
import { confirm } from '../prompts/choose.ts';
import { hasTerminal, needsTerminal } from '../prompts/terminal.ts';
import { type ImportItem, leftOut, type PlannedItem } from './import-item.ts';

/** What the flags say already. */
export interface Agreement {
  readonly yes: boolean;
  /** `--allow-origin`, each `https://host[:port]`. */
  readonly origins: readonly string[];
}

/**
 * Asks about every address that is not the provider's own, once for each: a key must not go where nobody meant it to. What
 * is refused is left out. Without a terminal an address that no flag allows fails with USAGE, before anything is done.
 */
export async function confirmOrigins(items: readonly ImportItem[], agreement: Agreement): Promise<ImportItem[]> {
  const asked = strangeOrigins(items).filter((origin) => !agreement.yes && !agreement.origins.includes(origin));
  if (asked.length > 0 && !hasTerminal()) throw notAllowed(asked);
  const refused = new Set<string>();
  for (const origin of asked) {
    if (!(await confirm(questionOf(items, origin), false))) refused.add(origin);
  }
  return items.map((item) =>
    item.status === 'planned' && item.isElsewhere && refused.has(item.origin)
      ? leftOut(item.find, `would be sent to ${item.origin}, which was not confirmed`)
      : item,
  );
}

/** Where planned credentials would go that is not their provider's own address. */
function strangeOrigins(items: readonly ImportItem[]): string[] {
  return [...new Set(items.flatMap((item) => (item.status === 'planned' && item.isElsewhere ? [item.origin] : [])))];
}

/** The origins of `--allow-origin`. Fails with USAGE for what is no URL. */
export function parseOrigins(texts: readonly string[]): string[] {
  return texts.map((text) => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url && /^https?:$/.test(url.protocol)) return url.origin;
    throw new MoltbotError('USAGE', `"${printable(text)}" is not an origin.`, {
      hint: 'Say scheme and host, for example: --allow-origin https://llm.example.com',
    });
  });
}

function questionOf(items: readonly ImportItem[], origin: string): string {
  const there = items.filter((item): item is PlannedItem => item.status === 'planned' && item.origin === origin);
  const keys = there.map(({ request }) => `${request.profileId} (${maskSecret(request.secret)})`);
  return `Send ${printable(keys.join(', '))} to ${origin}? It is not the provider's own address.`;
}

function notAllowed(origins: readonly string[]): MoltbotError {
  const flags = origins.map((origin) => `--allow-origin ${origin}`).join(' ');
  return needsTerminal(
    `Keys would be sent to ${origins.join(', ')}, not to the provider's own address`,
    `Allow it, if you know it: ${flags} (or look first: --dry-run)`,
  );
}

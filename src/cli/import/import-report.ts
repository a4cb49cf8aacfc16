import type { Config } from '../../config/schema.ts';
import { maskSecret } from '../../core/secret.ts';
import { printable } from '../../core/text.ts';
import { hideCredentials } from '../hide-credentials.ts';
import { storedText, type TestJson, testJson } from '../onboarding/report-stored.ts';
import type { FileWithKeys } from './files-with-keys.ts';
import { type ImportItem, type PlannedItem, secretOf } from './import-item.ts';

/** One find under `--json`. No part of a secret is in it but the masked label. */
export interface ItemJson {
  readonly status: ImportItem['status'];
  readonly file: string;
  readonly where: string;
  /** As the source calls it. */
  readonly provider: string;
  readonly label: string | null;
  readonly profileId?: string;
  readonly origin?: string;
  /** The origin is not the provider's own. */
  readonly isElsewhere?: boolean;
  readonly replaced?: boolean;
  readonly test?: TestJson | null;
  readonly reason?: string;
  readonly hint?: string;
}

export interface ImportCounts {
  readonly found: number;
  /** In a dry run: would be brought. */
  readonly planned: number;
  readonly brought: number;
  readonly present: number;
  readonly repeated: number;
  readonly leftOut: number;
}

export function countItems(items: readonly ImportItem[]): ImportCounts {
  const count = (status: ImportItem['status']) => items.filter((item) => item.status === status).length;
  return {
    found: items.length,
    planned: count('planned'),
    brought: count('brought'),
    present: count('present'),
    repeated: count('repeated'),
    leftOut: count('left_out'),
  };
}

export function itemJson(item: ImportItem): ItemJson {
  const { file, where, provider } = item.find;
  const secret = secretOf(item.find);
  // Somebody may have pasted a key where a name belongs.
  const named = { where: hideCredentials(where), provider: hideCredentials(provider) };
  return { status: item.status, file, ...named, label: secret ? maskSecret(secret) : null, ...moreOf(item) };
}

function moreOf(item: ImportItem): Partial<ItemJson> {
  if (item.status === 'planned') {
    return {
      profileId: item.request.profileId,
      origin: item.origin,
      isElsewhere: item.isElsewhere,
      replaced: item.replaces,
    };
  }
  if (item.status === 'brought') {
    const { profile, replaced, test } = item.stored;
    return { profileId: profile.profileId, origin: profile.origin, replaced, test: test && testJson(test) };
  }
  if (item.status !== 'left_out') return { profileId: item.profileId };
  return { reason: item.reason, ...(item.hint !== undefined && { hint: item.hint }) };
}

/** What became of each find, for people; repeats are only counted. */
export function itemLines(items: readonly ImportItem[], config: Config, nowMs: number): string[] {
  return items.flatMap((item) => {
    if (item.status === 'brought') return storedText(item.stored, config, nowMs);
    if (item.status === 'planned') return plannedLine(item);
    if (item.status === 'present') return `Already here: ${nameOf(item)}, as ${item.profileId}.`;
    if (item.status !== 'left_out') return [];
    return `Left out: ${nameOf(item)} ${printable(item.reason)}.${item.hint ? ` ${printable(item.hint)}` : ''}`;
  });
}

function plannedLine({ find, request, origin, isElsewhere, replaces }: PlannedItem): string {
  const strange = isElsewhere ? ' (not its own address: it will be asked about)' : '';
  const place = replaces ? `in place of ${request.profileId}` : `as ${request.profileId}`;
  return `Would bring: ${nameOf({ find })} ${place}, for ${origin}${strange}.`;
}

/** `openai (sk-proj-…abcd) in /home/me/config.yaml, model_list[3]` */
function nameOf({ find }: Pick<ImportItem, 'find'>): string {
  const secret = secretOf(find);
  const label = secret ? ` (${maskSecret(secret)})` : '';
  return printable(
    `${hideCredentials(find.provider) || 'a key'}${label} in ${find.file}, ${hideCredentials(find.where)}`,
  );
}

/** Both sides in one line. */
export function countLine(tool: string, counts: ImportCounts): string {
  const parts = [
    counts.planned > 0 && `${counts.planned} would be brought`,
    counts.planned === 0 && `${counts.brought} brought`,
    counts.present > 0 && `${counts.present} already here`,
    counts.repeated > 0 && `${counts.repeated} the same key again`,
    `${counts.leftOut} left out`,
  ];
  return `${tool}: ${counts.found} found, ${parts.filter((part) => part !== false).join(', ')}.`;
}

export function fileLine({ path, keys, logins }: FileWithKeys): string {
  const parts = [keys > 0 && plural(keys, 'key'), logins > 0 && plural(logins, 'login')];
  return `Still holds ${parts.filter((part) => part !== false).join(' and ')}: ${printable(path)}`;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** Nothing came over although something should have: why decides. Otherwise 0. */
export function importExitCode(items: readonly ImportItem[]): number {
  if (items.some(({ status }) => status !== 'left_out')) return 0;
  const codes = items.map((item) => (item.status === 'left_out' ? item.code : undefined));
  if (codes.includes('CREDENTIAL_REFUSED')) return 1;
  return codes.includes('PROVIDER_UNREACHABLE') ? 69 : 0;
}

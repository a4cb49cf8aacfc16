import type { ErrorCode } from '../../core/errors.ts';
import type { Secret } from '../../core/secret.ts';
import type { CredentialRequest } from '../onboarding/credential-request.ts';
import type { StoredCredential } from '../onboarding/store-credentials.ts';
import type { Find } from './find.ts';

/** What becomes of a find. */
export type ImportItem = PlannedItem | BroughtItem | KnownItem | LeftOutItem;

/** To be brought. */
export interface PlannedItem {
  readonly status: 'planned';
  readonly find: Find;
  readonly request: CredentialRequest;
  /** Where it is going to be sent. */
  readonly origin: string;
  /** That is not where this provider's keys go in this set-up: a person has to agree. */
  readonly isElsewhere: boolean;
  /** A stored profile of that id gives way to it. */
  readonly replaces: boolean;
}

export interface BroughtItem {
  readonly status: 'brought';
  readonly find: Find;
  readonly stored: StoredCredential;
  readonly secret: Secret;
}

/** The same key is in the vault already, or was found at another place of these files. */
export interface KnownItem {
  readonly status: 'present' | 'repeated';
  readonly find: Find;
  readonly profileId: string;
  readonly secret: Secret;
}

export interface LeftOutItem {
  readonly status: 'left_out';
  readonly find: Find;
  /** A sentence part that follows the place. */
  readonly reason: string;
  /** What to type, if anything helps. */
  readonly hint?: string | undefined;
  /** Where a test call or an error of ours decided it. */
  readonly code?: ErrorCode | undefined;
}

/** Leaves a find where it is. */
export function leftOut(
  find: Find,
  reason: string,
  more: { readonly hint?: string | undefined; readonly code?: ErrorCode } = {},
): LeftOutItem {
  return { status: 'left_out', find, reason: reason.replace(/\.$/, ''), ...more };
}

/** The credential of a find, when it is one. */
export function secretOf({ value }: Find): Secret | undefined {
  return value.kind === 'secret' ? value.secret : undefined;
}

import type { Secret } from '../../core/secret.ts';
import type { CredentialType } from '../../providers/provider.ts';

/** What stands where a credential is expected. */
export type FoundValue =
  | { readonly kind: 'secret'; readonly secret: Secret }
  /**
   * It cannot be brought, and why: a sentence part that follows the place ("… is encrypted by LiteLLM"); a
   * login (OAuth) stays in its file and is worth stealing there.
   */
  | { readonly kind: 'unusable'; readonly reason: string; readonly isLogin?: boolean };

/** A place in another tool's files that holds, or stands for, a credential of a provider. */
export interface Find {
  readonly file: string;
  /** In the file's own words: `profiles["anthropic:default"]`, `model_list[3].litellm_params`. */
  readonly where: string;
  /** As that tool calls the provider; empty where it does not say. */
  readonly provider: string;
  readonly type: CredentialType;
  /** Undefined: where that provider's keys go by default. */
  readonly baseUrl?: string | undefined;
  /** What the profile might be called: the part after the colon. */
  readonly name: string;
  readonly expiresAtMs?: number | undefined;
  readonly value: FoundValue;
}

/** What one file, or one cell of a database, says. */
export interface Reading {
  readonly finds: readonly Find[];
  /** Base URLs that hold for every find of a provider, in whatever file: OpenClaw keeps them apart from the keys. */
  readonly baseUrls?: Readonly<Record<string, string>>;
  /** What was seen and not followed. */
  readonly notes?: readonly string[];
}

export interface ReadContext {
  /** The file that is read, for `Find.file`. */
  readonly file: string;
  /** How the tool is called in sentences. */
  readonly tool: string;
  /** A variable that the tool would see; undefined or empty when it is not set. */
  readonly variable: (name: string) => string | undefined;
}

export type TextReader = (text: string, context: ReadContext) => Reading;

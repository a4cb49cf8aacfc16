import type { HeaderValue } from '../config/schema.ts';
import type { Secret } from '../core/secret.ts';

/** The shape of bodies, events and errors a client expects. xAI and person-defined chat providers speak `openai`. */
export type Dialect = 'anthropic' | 'openai';

/** A request format. Model fallback stays within one. */
export type WireFormat = 'anthropic-messages' | 'openai-chat' | 'openai-responses';

export type CredentialType = 'api_key' | 'token';

/** How a credential goes upstream. */
export type AuthStyle = 'bearer' | 'x-api-key' | 'none';

/**
 * What a route is for, which decides how its body is held, whether an answer may change a profile's health, and
 * whether it belongs to the one profile that created the thing it names.
 */
export type RoutePurpose = 'generate' | 'count' | 'models' | 'embeddings' | 'files' | 'batches' | 'responses' | 'other';

export interface Route {
  readonly purpose: RoutePurpose;
  readonly methods: readonly string[];
  /**
   * Path below `/v1/`, segments separated by `/`; `{id}` stands for one segment: `messages/batches/{id}/results`.
   */
  readonly path: string;
  readonly format?: WireFormat;
  /**
   * How the request body is held: `json` in memory up to 32 MB (it can be sent again), `batch` up to 256 MB one at a
   * time, `upload` streamed through one profile without a second try, `none` for reads.
   */
  readonly body: 'json' | 'batch' | 'upload' | 'none';
}

export interface CredentialKind {
  readonly type: CredentialType;
  /** "Anthropic API key": what onboarding shows. */
  readonly label: string;
  readonly pattern: RegExp;
  readonly minimumLength: number;
  /** A shape people recognise; never a usable credential. */
  readonly sample: string;
  /** Where a person gets one, and that it is shown once. */
  readonly source: string;
  readonly style: AuthStyle;
}

/** The cheapest request that proves a credential (about 10 tokens). */
export interface TestCall {
  readonly model: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: (model: string) => unknown;
  /** Fields a 200 must have to count. */
  readonly expects: readonly string[];
}

/** One upstream API family: data and a few functions. Built-in or defined by a person in the config. */
export interface Provider {
  readonly id: string;
  readonly displayName: string;
  readonly dialect: Dialect;
  readonly formats: readonly WireFormat[];
  readonly defaultBaseUrl: string;
  /** The provider's own origin, whatever base URL a person sets; undefined for a person's provider. */
  readonly builtInOrigin: string | undefined;
  readonly credentials: readonly CredentialKind[];
  /** For a person's provider without a credential: `none`. */
  readonly authStyle: AuthStyle;
  /** Environment variables that may hold a key, first one wins. */
  readonly environmentNames: readonly string[];
  readonly routes: readonly Route[];
  readonly testCall: TestCall | undefined;
  readonly builtIn: boolean;
  /** Betas sent on API-key requests. */
  readonly betas: readonly string[];
  /** Headers a person sets in place of the client's: `models.providers.X.headers`. */
  readonly headers: Readonly<Record<string, HeaderValue>>;
  readonly allowPrivateNetwork: boolean;
}

/** The credential as the one upstream header it becomes: `['x-api-key', '…']`. */
export type CredentialHeader = readonly [name: string, value: Secret];

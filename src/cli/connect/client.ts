import type { Environment } from '../../app.ts';
import type { ConfigEdit } from '../../config/apply-edits.ts';
import type { ConfigPath } from '../../config/path.ts';

export const CLIENT_IDS = ['claude', 'codex', 'opencode'] as const;
export type ClientId = (typeof CLIENT_IDS)[number];

/** How one kind of settings file is read, and changed without touching what a person wrote beside the change. */
export interface SettingsFormat {
  /** As people call it: `JSON`. */
  readonly name: string;
  /** What the text says; an empty text says nothing. Throws for a text that is not of this format. */
  read(text: string): Record<string, unknown>;
  /** The text with exactly these changes; CONFIG_EDIT_REFUSED where that cannot be done safely. */
  change(text: string, edits: readonly ConfigEdit[]): string;
}

/** What a client is to be told. */
export interface Connection {
  readonly agentId: string;
  /** The base URL of a provider for this client's kind of library. */
  readonly baseUrl: (provider: string) => string;
  /** The words of a command that prints a token for a provider. */
  readonly tokenCommand: (provider: string) => readonly string[];
  /** Providers that the agent has a credential for. */
  readonly providers: readonly string[];
}

/** Where a client was connected, to look for what wins over it. */
export interface ConnectedPlace {
  readonly file: string;
  readonly settings: Record<string, unknown>;
  readonly workingDirectory: string;
  readonly baseUrl: Connection['baseUrl'];
}

/** A program whose own settings can lead it to the gateway. */
export interface Client {
  readonly id: ClientId;
  readonly name: string;
  readonly format: SettingsFormat;
  /** Absolute. `home` is the home directory. */
  readonly file: (env: Environment, home: string) => string;
  readonly edits: (connection: Connection) => ConfigEdit[];
  /** Settings that would win over ours: taken out while the client is connected. */
  readonly inTheWay: readonly ConfigPath[];
  /** Variables that would win over its settings. */
  readonly strongerVariables: readonly string[];
  /** The providers it asks: it needs a credential for one of them. */
  readonly providers: readonly string[];
  /** What wins over the file that was written, each as a sentence. */
  readonly overrides: (place: ConnectedPlace) => string[];
  /** What to type when it is connected. */
  readonly start: (agentId: string) => string;
}

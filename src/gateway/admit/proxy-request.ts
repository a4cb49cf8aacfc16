import type { IncomingMessage } from 'node:http';
import type { AccessToken } from '../../agents/token-store.ts';
import type { Provider, Route } from '../../providers/provider.ts';
import type { Exchange } from '../exchange.ts';
import type { RequestFacts } from '../shape/request-facts.ts';

/** Where a request wants to go: known before anything of its body is read. */
export interface Call {
  readonly exchange: Exchange;
  readonly provider: Provider;
  readonly route: Route;
  /** What stood at `{id}` in the path. */
  readonly resourceId: string | undefined;
  readonly method: string;
  /** Below `/v1/`, and the query with its `?`. */
  readonly path: string;
  readonly query: string;
  readonly rawHeaders: readonly string[];
}

/** A request that was let in and read: everything that choosing and shaping need. */
export interface ProxyRequest extends Call {
  readonly token: AccessToken;
  readonly agentId: string;
  readonly isClaudeCode: boolean;
  /** What keeps a conversation on its profile. */
  readonly session: string;
  /** Empty for `upload`. */
  readonly body: Buffer;
  /** A file on its way: can be sent once. */
  readonly upload: IncomingMessage | undefined;
  readonly facts: RequestFacts;
  /** Models it names beside `facts.model`; read only where somebody is limited to some models, else empty. */
  readonly otherModels: readonly string[];
}

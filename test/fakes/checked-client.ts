import { type IncomingHttpHeaders, request } from 'node:http';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

/** Where a client calls: a socket, or an address with a key (null sends none). */
export type ClientPlace = { readonly socketPath: string } | { readonly url: string; readonly key: string | null };

export interface CheckedRequest {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface CheckedAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** JSON as a value, other text as it is, undefined where there is none. */
  readonly body: unknown;
}

interface OpenApiResponse {
  readonly content?: Readonly<Record<string, { readonly schema: object }>>;
}

interface OpenApiDocument {
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly responses: Readonly<Record<string, OpenApiResponse>> }>>>
  >;
  readonly components: object;
}

/**
 * A client of the management API that checks every answer against the OpenAPI document the API serves, and remembers
 * which documented statuses it has seen.
 */
export class CheckedClient {
  readonly #place: ClientPlace;
  readonly #document: OpenApiDocument;
  readonly #checks: Map<string, ValidateFunction>;
  /** `GET /credentials 200`; shared by all clients made from one another. */
  readonly seen: Set<string>;

  private constructor(
    place: ClientPlace,
    document: OpenApiDocument,
    checks = new Map<string, ValidateFunction>(),
    seen = new Set<string>(),
  ) {
    this.#place = place;
    this.#document = document;
    this.#checks = checks;
    this.seen = seen;
  }

  static async connect(place: ClientPlace): Promise<CheckedClient> {
    const { status, body } = await send(place, 'GET', '/api/v1/openapi.json', {});
    if (status !== 200) throw new Error(`The OpenAPI document was answered with ${status}.`);
    return new CheckedClient(place, body as OpenApiDocument);
  }

  /** The same document and memory, another way in. */
  elsewhere(place: ClientPlace): CheckedClient {
    return new CheckedClient(place, this.#document, this.#checks, this.seen);
  }

  get document(): OpenApiDocument {
    return this.#document;
  }

  get(path: string, options?: CheckedRequest): Promise<CheckedAnswer> {
    return this.call('GET', path, options);
  }

  post(path: string, body?: unknown, headers?: CheckedRequest['headers']): Promise<CheckedAnswer> {
    return this.call('POST', path, { body, ...(headers && { headers }) });
  }

  /** Paths are below `/api/v1`, or begin with `/api/v1` themselves, or are bare where they begin with `bare:`. */
  async call(method: string, path: string, options: CheckedRequest = {}): Promise<CheckedAnswer> {
    const isBare = path.startsWith('bare:');
    const below = isBare ? path.slice('bare:'.length) : path;
    const answer = await send(this.#place, method, isBare ? below : `/api/v1${below}`, options);
    this.#check(method, below.split('?')[0]!, answer);
    return answer;
  }

  /** Documented statuses of routes whose path starts so that no answer has had yet: `POST /credentials 409`. */
  unseen(...prefixes: readonly string[]): string[] {
    return Object.entries(this.#document.paths)
      .filter(([path]) => prefixes.some((prefix) => path === prefix || path.startsWith(`${prefix}/`)))
      .flatMap(([path, methods]) =>
        Object.entries(methods).flatMap(([method, { responses }]) =>
          Object.keys(responses).map((status) => `${method.toUpperCase()} ${path} ${status}`),
        ),
      )
      .filter((name) => !name.endsWith(' default') && !this.seen.has(name));
  }

  #check(method: string, path: string, answer: CheckedAnswer): void {
    if (typeof answer.headers['x-moltbot-request-id'] !== 'string') throw new Error(`${method} ${path}: no request id`);
    const found = this.#find(method === 'HEAD' ? 'GET' : method, path);
    if (!found || method === 'HEAD') return;
    const response = found.responses[answer.status] ?? found.responses.default;
    this.seen.add(`${method} ${found.pattern} ${answer.status}`);
    const [mediaType, content] = Object.entries(response?.content ?? {})[0] ?? [];
    if (!content) {
      if (answer.body !== undefined) throw new Error(`${method} ${path} ${answer.status} has an undocumented body`);
      return;
    }
    if (!answer.headers['content-type']?.startsWith(mediaType!))
      throw new Error(`${method} ${path} is not ${mediaType}`);
    const check = this.#validator(`${method} ${found.pattern} ${answer.status}`, content.schema);
    if (check(answer.body)) return;
    const faults = JSON.stringify(check.errors);
    throw new Error(
      `${method} ${path} ${answer.status} is not as documented: ${faults} ${JSON.stringify(answer.body)}`,
    );
  }

  /** The documented path that fits; one without parameters before one with them, as the router decides. */
  #find(method: string, path: string) {
    const patterns = Object.keys(this.#document.paths).filter((pattern) =>
      new RegExp(`^${pattern.replace(/[.]/g, '\\$&').replace(/\{\w+\}/g, '[^/]+')}$`).test(path),
    );
    const pattern = patterns.sort((a, b) => a.split('{').length - b.split('{').length)[0];
    const responses = pattern && this.#document.paths[pattern]![method.toLowerCase()]?.responses;
    return pattern && responses ? { pattern, responses } : undefined;
  }

  #validator(name: string, schema: object): ValidateFunction {
    let check = this.#checks.get(name);
    if (!check) {
      const ajv = new Ajv2020({ strict: false, validateFormats: false });
      check = ajv.compile({ ...schema, components: this.#document.components });
      this.#checks.set(name, check);
    }
    return check;
  }
}

function send(place: ClientPlace, method: string, path: string, options: CheckedRequest): Promise<CheckedAnswer> {
  // Bytes, because with a text Node would send the headers in its encoding, too.
  const text = options.body === undefined ? undefined : Buffer.from(JSON.stringify(options.body));
  const isSocket = 'socketPath' in place;
  return new Promise((resolve, reject) => {
    const outgoing = request(
      isSocket ? 'http://localhost' : place.url,
      {
        ...(isSocket && { socketPath: place.socketPath }),
        path,
        method,
        agent: false,
        headers: {
          ...(!isSocket && place.key !== null && { authorization: `Bearer ${place.key}` }),
          ...(text !== undefined && { 'content-type': 'application/json', 'content-length': text.length }),
          ...options.headers,
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const { statusCode = 0, headers } = response;
          resolve({ status: statusCode, headers, body: readBody(Buffer.concat(chunks).toString(), headers) });
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(text);
  });
}

function readBody(text: string, headers: IncomingHttpHeaders): unknown {
  if (text === '') return undefined;
  return headers['content-type']?.startsWith('application/json') ? (JSON.parse(text) as unknown) : text;
}

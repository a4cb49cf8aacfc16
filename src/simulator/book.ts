/** What one simulator remembers between requests: files, batches, stored responses. They belong to one credential. */
export interface StoredFile {
  readonly id: string;
  readonly owner: string;
  readonly filename: string;
  readonly mimeType: string;
  readonly purpose: string;
  readonly bytes: Buffer;
  readonly createdAtMs: number;
}

export interface StoredBatch {
  readonly id: string;
  readonly owner: string;
  readonly createdAtMs: number;
  readonly requests: readonly { readonly customId: string; readonly model: string }[];
  /** OpenAI's batches name the file they were made from. */
  readonly inputFileId: string;
  readonly endpoint: string;
  /** Files with the answers, and with the refusals; undefined where there are none. */
  readonly outputFileId: string | undefined;
  readonly errorFileId: string | undefined;
  cancelled: boolean;
}

export interface StoredResponse {
  readonly id: string;
  readonly owner: string;
  readonly value: Record<string, unknown>;
}

export interface Book {
  readonly files: Map<string, StoredFile>;
  readonly batches: Map<string, StoredBatch>;
  readonly responses: Map<string, StoredResponse>;
  readonly models: Set<string>;
  nextId(prefix: string): string;
}

/** Ids are counted, not random, so that a run can be repeated; the start number tells two simulators apart. */
export function newBook(models: Iterable<string>, startedAtMs: number): Book {
  let count = 0;
  const run = startedAtMs.toString(36);
  return {
    files: new Map(),
    batches: new Map(),
    responses: new Map(),
    models: new Set(models),
    nextId: (prefix) => `${prefix}${run}${(++count).toString(36).padStart(8, '0')}`,
  };
}

import type { Database } from '../database/database.ts';

/** An agent of this machine that is let in, or asks to be, at a gateway elsewhere. */
export interface EnrolledAgent {
  readonly agentId: string;
  /** `https://gateway.example:8400`, without a slash at the end. */
  readonly serverUrl: string;
  /** SHA-256 of the server's certificate, 64 hex digits: the only one we talk to. Null: plain http. */
  readonly fingerprint: string | null;
  /** The pinned one as PEM, for the programs that are started here. */
  readonly certificate: string | null;
  /** What was asked for, then what was allowed. */
  readonly providers: readonly string[];
  /** The file that holds the agent key; null: it is in the vault. */
  readonly keyFile: string | null;
  /** Set while a person there has not decided; the place of the key then holds the poll token. */
  readonly enrollmentId: string | null;
  readonly code: string;
  readonly createdAtMs: number;
}

type Stored = Omit<EnrolledAgent, 'providers'> & { readonly providers: string };

const SELECT = `SELECT agent_id AS agentId, server_url AS serverUrl, fingerprint, certificate, providers,
  key_file AS keyFile, enrollment_id AS enrollmentId, code, created_at_ms AS createdAtMs FROM enrolled_at`;

/** Which agents of this machine work through a gateway elsewhere. */
export class EnrolledStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  get(agentId: string): EnrolledAgent | undefined {
    const row = this.#database.get<Stored>(`${SELECT} WHERE agent_id = ?`, agentId);
    return row && { ...row, providers: JSON.parse(row.providers) as string[] };
  }

  /** Inserts or overwrites. */
  put(enrolled: EnrolledAgent): void {
    this.#database.run(
      `INSERT OR REPLACE INTO enrolled_at (agent_id, server_url, fingerprint, certificate, providers, key_file,
         enrollment_id, code, created_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      enrolled.agentId,
      enrolled.serverUrl,
      enrolled.fingerprint,
      enrolled.certificate,
      JSON.stringify(enrolled.providers),
      enrolled.keyFile,
      enrolled.enrollmentId,
      enrolled.code,
      enrolled.createdAtMs,
    );
  }

  remove(agentId: string): boolean {
    return this.#database.run('DELETE FROM enrolled_at WHERE agent_id = ?', agentId) === 1;
  }
}

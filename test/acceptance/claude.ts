import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Machine } from './machine.ts';

/** The unmodified Claude Code that `test/clients` pins. */
export const CLAUDE = join(import.meta.dirname, '../clients/node_modules/.bin/claude');

/** Keeps it to the one question: no updates, no telemetry, no other host. */
export const QUIET = {
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  DISABLE_AUTOUPDATER: '1',
  DISABLE_ERROR_REPORTING: '1',
  DISABLE_TELEMETRY: '1',
};

export const QUESTION = ['-p', 'hello', '--output-format', 'json'];

export interface ClaudeResult {
  readonly code: number | null;
  readonly stderr: string;
  readonly tookMs: number;
  /** What it says about its own run; its other fields change from version to version. */
  readonly isError: boolean;
  readonly status: number | null;
  readonly text: string;
}

/** `moltbot run -- claude -p hello --output-format json` */
export async function runClaude(
  machine: Machine,
  { args = [], env = {} }: { args?: readonly string[]; env?: Readonly<Record<string, string>> } = {},
): Promise<ClaudeResult> {
  const startedAtMs = performance.now();
  const ended = await machine.cli(['run', '--', CLAUDE, ...QUESTION, ...args], { env: { ...QUIET, ...env } });
  return readResult(ended, performance.now() - startedAtMs);
}

/** Claude Code on its own, in an empty home, with this base URL and token. */
export async function claudeAlone(
  baseUrl: string,
  token: string,
  env: Readonly<Record<string, string>> = {},
): Promise<ClaudeResult> {
  const home = mkdtempSync(join(tmpdir(), 'moltbot-claude-'));
  const result = await plainClaude(home, { ANTHROPIC_BASE_URL: baseUrl, ANTHROPIC_AUTH_TOKEN: token, ...env });
  rmSync(home, { recursive: true, force: true });
  return result;
}

/** Claude Code as a person of that home types it: what it knows is in its settings, and in `env`. */
export async function plainClaude(
  home: string,
  env: Readonly<Record<string, string>> = {},
  cwd: string = home,
): Promise<ClaudeResult> {
  const startedAtMs = performance.now();
  const child = spawn(CLAUDE, QUESTION, {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, HOME: home, ...QUIET, ...env },
  });
  const [stdout, stderr, code] = await Promise.all([
    child.stdout.setEncoding('utf8').toArray(),
    child.stderr.setEncoding('utf8').toArray(),
    new Promise<number | null>((resolve) => child.once('close', resolve)),
  ]);
  const ended = { code, stdout: stdout.join(''), stderr: stderr.join('') };
  return readResult(ended, performance.now() - startedAtMs);
}

function readResult(ended: { code: number | null; stdout: string; stderr: string }, tookMs: number): ClaudeResult {
  const { code, stdout, stderr } = ended;
  if (!stdout.startsWith('{')) throw new Error(`Claude Code (exit ${code}) printed no result: ${stdout}${stderr}`);
  const said = JSON.parse(stdout) as { is_error: boolean; api_error_status: number | null; result: string };
  return { code, stderr, tookMs, isError: said.is_error, status: said.api_error_status, text: said.result };
}

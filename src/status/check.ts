import { DAY_MS } from '../core/time.ts';
import { stopping } from './gates.ts';
import type { ModelsStatus, ProbeResult, ProfileStatus } from './models-status.ts';

/** Worst first. */
const SEVERITY = [1, 3, 2, 0] as const;

export type CheckCode = (typeof SEVERITY)[number];

/**
 * The exit code of `models status --check` over the providers in use: 1 no unexpired credential · 3 none usable now,
 * or the agent may not use them ·
 * 2 one expires within 24 h · 0 fine. What a probe found counts: a refused credential is none, a limited or unreachable
 * one is not usable now.
 */
export function checkCode(status: ModelsStatus, inUse: readonly string[]): CheckCode {
  if (inUse.length === 0) return 1;
  const stops = stopping(status.gates, inUse).filter(({ name }) => !/^(gateway$|credential:)/.test(name));
  const codes = [...inUse.map((provider) => codeOf(status, provider)), ...stops.map(() => 3 as const)];
  return SEVERITY.find((code) => codes.includes(code))!;
}

function codeOf(status: ModelsStatus, provider: string): CheckCode {
  const found = status.auth.providers.find((candidate) => candidate.provider === provider);
  if (!found || found.effective.kind === 'missing') return 1;
  const profiles = status.auth.profiles.filter((profile) => profile.provider === provider);
  const results = status.probe?.results.filter(({ profileId }) => profileId.startsWith(`${provider}:`)) ?? [];
  if (results.length > 0 && results.every(isNoCredential)) return 1;
  if (found.effective.profileId === undefined) return 3;
  if (results.length > 0 && results.every((result) => result.status !== 'ok')) return 3;
  return profiles.some(isExpiringSoon) ? 2 : 0;
}

function isNoCredential({ status }: ProbeResult): boolean {
  return status === 'auth' || status === 'missing';
}

function isExpiringSoon({ status, remainingMs }: ProfileStatus): boolean {
  return status === 'expiring' && remainingMs !== undefined && remainingMs <= DAY_MS;
}

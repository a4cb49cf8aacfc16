import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Enrollment } from '../../agents/enrollment-store.ts';
import type { GatewayConfig } from '../../config/schema.ts';
import { printable } from '../../core/text.ts';
import { formatDuration, formatTime } from '../../core/time.ts';

/** Exactly what was asked: everything that the digest covers. */
export function enrollmentText(enrollment: Enrollment, nowMs: number): string {
  const { name, id, code, providers, models, reason, source, createdAtMs, expiresAtMs, digest } = enrollment;
  const lines = [
    `Agent ${name} asks to be let in (${id}).`,
    `  Code       ${code}   (the same must be shown where it was asked)`,
    `  Providers  ${providers.join(', ')}`,
    `  Models     ${models?.join(', ') ?? 'any of those providers'}`,
    `  Reason     ${reason}`,
    `  From       ${source}, ${formatTime(createdAtMs)}; ends in ${formatDuration(expiresAtMs - nowMs)}`,
    `  Digest     ${digest}`,
  ];
  return lines.map((line) => printable(line)).join('\n');
}

export function enrollmentJson(enrollment: Enrollment): object {
  const { id, name, code, digest, providers, models, reason, source, createdAtMs, expiresAtMs } = enrollment;
  return { id, name, code, digest, providers, models, reason, source, askedAt: createdAtMs, expiresAt: expiresAtMs };
}

/** The fingerprint of this gateway's certificate, for the person who enrols to compare; undefined without one. */
export function ownFingerprint({ tls }: GatewayConfig): string | undefined {
  if (!tls) return undefined;
  try {
    const { fingerprint256 } = new X509Certificate(readFileSync(tls.certFile));
    return `sha256:${fingerprint256.replaceAll(':', '').toLowerCase()}`;
  } catch {
    // Not there or no certificate: the gateway itself says so when it starts.
    return undefined;
  }
}

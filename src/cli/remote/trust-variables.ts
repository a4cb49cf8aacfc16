import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { EnrolledAgent } from '../../agents/enrolled-store.ts';
import type { App } from '../../app.ts';
import { makePrivateDirectory, writePrivateFile } from '../../vault/private-file.ts';

/**
 * How a program that is started here trusts the gateway's certificate: one that is signed by itself is written to the
 * state directory, with what `NODE_EXTRA_CA_CERTS` held before, and that variable names it. One that somebody else signed
 * is theirs to vouch for: a signer is not trusted for everything because a server names it. Empty for those, and without
 * TLS. Programs that are not made with Node or Bun have their own ways.
 */
export async function trustVariables(app: App, enrolled: EnrolledAgent): Promise<Record<string, string>> {
  if (enrolled.certificate === null || !isSelfSigned(enrolled.certificate)) return {};
  const path = certificateFile(app, enrolled);
  await makePrivateDirectory(dirname(path));
  await writePrivateFile(path, Buffer.from(enrolled.certificate + alreadyTrusted(process.env.NODE_EXTRA_CA_CERTS)));
  return { NODE_EXTRA_CA_CERTS: path };
}

export function certificateFile(app: App, { agentId }: EnrolledAgent): string {
  return join(app.paths.stateDir, 'enrolled', `${agentId}.pem`);
}

function alreadyTrusted(path: string | undefined): string {
  if (!path) return '';
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Node itself only warns of one that is not there.
    return '';
  }
}

function isSelfSigned(pem: string): boolean {
  const certificate = new X509Certificate(pem);
  return certificate.checkIssued(certificate);
}

import { MoltbotError } from '../../core/errors.ts';
import { printable } from '../../core/text.ts';
import { confirm } from '../prompts/choose.ts';
import { hasTerminal } from '../prompts/terminal.ts';
import { type PresentedCertificate, presentedCertificate } from './pinned-connection.ts';
import type { ServerAddress } from './server-address.ts';

/** `sha256:` and 64 hex digits, as people compare it. */
export function fingerprintText(fingerprint: string): string {
  return `sha256:${fingerprint}`;
}

/** Also as openssl writes it: in capitals, with colons. USAGE. */
function parseFingerprint(text: string): string {
  const digits = text
    .replace(/^sha-?256[:=]/i, '')
    .replaceAll(':', '')
    .toLowerCase();
  if (/^[0-9a-f]{64}$/.test(digits)) return digits;
  throw new MoltbotError('USAGE', `"${printable(text.slice(0, 120))}" is not a SHA-256 fingerprint.`, {
    hint: 'It is shown on the gateway host: moltbot agents pending',
  });
}

/**
 * The certificate to trust from now on: the one with the given fingerprint, else the presented one when a person at the
 * terminal says that it is the gateway's. Nothing is trusted unseen. Undefined without TLS.
 */
export async function pinServer(
  server: ServerAddress,
  given: string | undefined,
  note: (line: string) => void,
): Promise<PresentedCertificate | undefined> {
  const wanted = given === undefined ? undefined : parseFingerprint(given);
  if (!server.isTls) {
    note(`Warning: ${server.url} is not encrypted by itself; whoever reads the network in between gets the agent key.`);
    return undefined;
  }
  const presented = await presentedCertificate(server);
  const shown = fingerprintText(presented.fingerprint);
  if (wanted === presented.fingerprint) return presented;
  if (wanted !== undefined) {
    throw new MoltbotError('SERVER_UNTRUSTED', `${server.url} presents ${shown}, not the fingerprint that was given.`, {
      hint: 'Nothing was sent to it. Compare with what the gateway host shows: moltbot agents pending',
    });
  }
  if (!hasTerminal()) throw needsFingerprint(server);
  note(`${server.url} presents the certificate ${shown}.`);
  note('The gateway host shows its own with: moltbot agents pending');
  if (await confirm('Is it the same?', false)) return presented;
  throw new MoltbotError('SERVER_UNTRUSTED', `The certificate of ${server.url} was not accepted; nothing was sent.`, {
    hint: 'Ask the person who runs the gateway for its fingerprint, and give it: --fingerprint sha256:…',
  });
}

function needsFingerprint({ url }: ServerAddress): MoltbotError {
  return new MoltbotError('USAGE', `Nothing says which certificate ${url} has, and there is no terminal to ask on.`, {
    hint: 'The gateway host shows it with "moltbot agents pending"; give it: --fingerprint sha256:…',
  });
}

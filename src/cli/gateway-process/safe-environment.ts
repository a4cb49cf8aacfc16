import { MoltbotError } from '../../core/errors.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Sections of NODE_DEBUG that print headers or what goes over a socket. */
const TALKATIVE = ['http', 'http2', 'https', 'tls', 'net', 'undici', 'fetch'];

/**
 * Refuses to run where Node was told to be careless with connections: unverified TLS, a lenient HTTP parser, traffic or
 * session keys written down. Fails with UNSAFE_ENVIRONMENT, naming the setting. `nodeOptions` are Node's own arguments.
 */
export function assertSafeEnvironment(env: Environment, nodeOptions: readonly string[]): void {
  if (env.NODE_TLS_REJECT_UNAUTHORIZED === '0') {
    throw unsafe(
      'NODE_TLS_REJECT_UNAUTHORIZED=0',
      'turns the check of certificates off',
      'unset NODE_TLS_REJECT_UNAUTHORIZED',
    );
  }
  if (env.SSLKEYLOGFILE)
    throw unsafe('SSLKEYLOGFILE', 'writes the keys of TLS sessions to a file', 'unset SSLKEYLOGFILE');
  if (isTalkative(env.NODE_DEBUG ?? '')) {
    throw unsafe('NODE_DEBUG', 'prints what goes over connections', 'unset NODE_DEBUG');
  }
  // Node takes quotes and backslashes out of NODE_OPTIONS, and takes `_` for `-`.
  const inherited = (env.NODE_OPTIONS ?? '').replaceAll(/["\\]/g, '').split(/\s+/);
  const options = [...nodeOptions, ...inherited].map((option) => option.replaceAll('_', '-'));
  for (const option of options) {
    if (/^--insecure-http-parser/.test(option)) {
      throw unsafe('--insecure-http-parser', 'lets requests in that mean two things', 'unset NODE_OPTIONS');
    }
    if (/^--tls-keylog/.test(option)) {
      throw unsafe('--tls-keylog', 'writes the keys of TLS sessions to a file', 'unset NODE_OPTIONS');
    }
    if (/^--trace-tls/.test(option)) {
      throw unsafe('--trace-tls', 'prints what goes over TLS connections', 'unset NODE_OPTIONS');
    }
    if (/^--inspect/.test(option)) {
      throw unsafe('--inspect', 'opens a port at which its memory can be read', 'unset NODE_OPTIONS');
    }
  }
}

/** NODE_DEBUG is a list of names with `*` for any text. */
function isTalkative(sections: string): boolean {
  const patterns = sections
    .split(',')
    .map((section) => section.trim())
    .filter(Boolean);
  return patterns.some((pattern) => {
    const words = pattern.split('*').map((part) => part.replace(/[^\w]/g, '\\$&'));
    const matcher = new RegExp(`^${words.join('.*')}$`, 'i');
    return TALKATIVE.some((section) => matcher.test(section));
  });
}

function unsafe(setting: string, effect: string, remedy: string): MoltbotError {
  return new MoltbotError('UNSAFE_ENVIRONMENT', `The gateway does not start with ${setting}: it ${effect}.`, {
    hint: `Start it without: ${remedy}`,
  });
}

import { MoltbotError } from '../core/errors.ts';
import type { CredentialType, Provider } from '../providers/provider.ts';
import type { TestCallResult } from './test-call.ts';

/** What was tested, where, and how to store it untested there: `with --skip-test`. */
export interface TestedCredential {
  readonly provider: Provider;
  readonly type: CredentialType;
  readonly origin: string;
  readonly untested: string;
}

/** A tested credential may be stored unless it was refused (CREDENTIAL_REFUSED) or not answered (PROVIDER_UNREACHABLE). */
export function assertStorable(test: TestCallResult, tested: TestedCredential): void {
  if (test.success) return;
  const { provider, type, origin, untested } = tested;
  const what = type === 'token' ? 'token' : 'key';
  if (test.verdict === 'invalid') {
    const message = `${provider.displayName} refused this ${what}: ${origin} ${test.detail}. Nothing was stored.`;
    throw new MoltbotError('CREDENTIAL_REFUSED', message, { hint: anotherOne(tested) });
  }
  throw new MoltbotError(
    'PROVIDER_UNREACHABLE',
    `${provider.displayName} could not be asked about this ${what} at ${origin}: ${test.detail}. Nothing was stored.`,
    { hint: `Try again in a moment, check the base URL, or store it untested ${untested}.` },
  );
}

function anotherOne({ provider, type }: TestedCredential): string {
  if (type === 'token') return 'Make a new one with: claude setup-token';
  return `Check that it was copied whole and is still active. ${provider.credentials[0]?.source ?? ''}`.trim();
}

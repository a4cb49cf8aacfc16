import type { AccessToken } from '../../agents/token-store.ts';
import { MoltbotError } from '../../core/errors.ts';
import { printable } from '../../core/text.ts';

export interface GateContext {
  readonly isDraining: boolean;
  readonly providerId: string;
}

/** The conditions a request must pass, in order; the first that is closed is what the client is told. */
export function passGates(token: AccessToken, { isDraining, providerId }: GateContext): void {
  if (isDraining) {
    throw new MoltbotError('DRAINING', 'The gateway is stopping.', { hint: 'Try again in a moment.' });
  }
  if (token.providers && !token.providers.includes(providerId)) {
    throw new MoltbotError(
      'PROVIDER_NOT_ALLOWED',
      `This access token is not for provider "${printable(providerId)}".`,
      {
        hint: `It is for: ${token.providers.join(', ')}.`,
      },
    );
  }
}

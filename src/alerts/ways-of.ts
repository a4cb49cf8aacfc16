import type { Environment } from '../config/environment.ts';
import type { AlertsConfig } from '../config/schema.ts';
import { isMoltbotError } from '../core/errors.ts';
import type { AlertMessage } from './alert-message.ts';
import type { AlertWay, WayResult } from './alert-way.ts';
import { commandWay } from './command-way.ts';
import { desktopWay } from './desktop-way.ts';
import { type WebhookParts, webhookWay } from './webhook-way.ts';

export interface WaysParts extends WebhookParts {
  /** The process's, with the config's `env` in its gaps. */
  readonly env: Environment;
}

/** The ways that are configured, beside the log. */
export function waysOf(config: AlertsConfig, parts: WaysParts): AlertWay[] {
  return [
    ...(config.desktop ? [desktopWay(parts.env)] : []),
    ...(config.command ? [commandWay(config.command, parts.env)] : []),
    ...(config.webhook ? [webhookWay(config.webhook, parts)] : []),
  ];
}

/** Tells over one way. Never fails: what our own code refuses, such as an unset variable, is a result like another. */
export async function sendOver(way: AlertWay, message: AlertMessage, signal: AbortSignal): Promise<WayResult> {
  try {
    return await way.send(message, signal);
  } catch (error) {
    if (isMoltbotError(error)) return { ok: false, said: error.message, isLasting: true };
    return { ok: false, said: `the ${way.name} failed in a way that is not foreseen` };
  }
}

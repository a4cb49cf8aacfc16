import type { Report } from './budget-problems.ts';
import { hasReference } from './environment.ts';
import type { Problem } from './problem.ts';
import type { Config } from './schema.ts';

/** What is wrong with the webhook of alerts that its shape alone does not show. No part of it is repeated. */
export function alertProblems({ alerts: { webhook } }: Config, problem: Report): Problem[] {
  if (!webhook) return [];
  const at = ['alerts', 'webhook'];
  return [
    ...(hasReference(webhook.url) || isPlainUrl(webhook.url)
      ? []
      : [
          problem([...at, 'url'], 'expected a URL without a user name or password', 'Take out what is before the "@".'),
        ]),
    ...(/^\$\{[A-Za-z_][A-Za-z0-9_]*\}$/.test(webhook.secret)
      ? []
      : [problem([...at, 'secret'], 'expected a reference', 'Write it as ${MOLTBOT_WEBHOOK_SECRET}, and set that.')]),
  ];
}

function isPlainUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && url.username === '' && url.password === '';
}

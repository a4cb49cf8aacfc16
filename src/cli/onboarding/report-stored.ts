import { authOrderOf } from '../../config/agent-view.ts';
import type { Config } from '../../config/schema.ts';
import { formatDuration, formatTime } from '../../core/time.ts';
import { gatewayHost } from '../../gateway/gateway-file.ts';
import type { TestCallResult } from '../../profiles/test-call.ts';
import { agentOption } from '../../rotation/messages.ts';
import type { StoredCredential } from './store-credentials.ts';

/** What `onboard --json` and the pasting commands print for one credential. No part of a secret is in it. */
export interface StoredJson {
  readonly profileId: string;
  readonly agentId: string;
  readonly provider: string;
  readonly replaced: boolean;
  /** Null with `--skip-test`. */
  readonly test: TestJson | null;
}

export type TestJson = Pick<
  TestCallResult,
  'success' | 'verdict' | 'statusCode' | 'validatedBy' | 'costClass' | 'latencyMs'
>;

export function storedJson({ profile, replaced, test }: StoredCredential): StoredJson {
  const { profileId, agentId, provider } = profile;
  return { profileId, agentId, provider, replaced, test: test && testJson(test) };
}

export function testJson({
  success,
  verdict,
  statusCode,
  validatedBy,
  costClass,
  latencyMs,
}: TestCallResult): TestJson {
  return { success, verdict, statusCode, validatedBy, costClass, latencyMs };
}

/** The same for people: what was stored, for whom, where, and what is worth knowing about it. */
export function storedText({ profile, replaced, test }: StoredCredential, config: Config, nowMs: number): string {
  const { host, user } = gatewayHost();
  const { profileId, agentId, provider, expiresAtMs } = profile;
  const lines = [
    `${replaced ? 'Replaced' : 'Stored'} ${profileId} (${profile.label}) for agent ${agentId} on ${user}@${host}; it goes to ${profile.origin} only.`,
    test ? tested(test) : 'It was not tested.',
  ];
  if (expiresAtMs !== null) {
    const assumed = profile.expiryAssumed ? ' (assumed; say it with --expires-in)' : '';
    lines.push(`It expires in ${formatDuration(expiresAtMs - nowMs)}, at ${formatTime(expiresAtMs)}${assumed}.`);
  }
  const order = authOrderOf(config, agentId, provider);
  if (order && !order.includes(profileId)) {
    const ids = [...order, profileId].join(' ');
    lines.push(
      `auth.order leaves it out, so it is not used yet. Let it join with: moltbot models auth order set --provider ${provider} ${ids}${agentOption(agentId)}`,
    );
  }
  return lines.join('\n');
}

function tested({ verdict, detail, latencyMs, model }: TestCallResult): string {
  const what = model === '' ? 'The test call' : `The test call to ${model}`;
  if (verdict === 'valid') return `${what} ${detail} in ${latencyMs} ms.`;
  return `${what} ${detail}: the credential is real but cannot be used now. See: moltbot models status`;
}

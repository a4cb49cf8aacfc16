import type { App } from '../app.ts';
import { normalizeModel } from '../catalog/models.ts';
import { isMoltbotError } from '../core/errors.ts';
import { Secret } from '../core/secret.ts';
import type { ServingProfile } from '../gateway/choose/roster.ts';
import { applyTest } from '../profiles/apply-test.ts';
import { type TestCallResult, testCall } from '../profiles/test-call.ts';
import type { ProbeResult } from './models-status.ts';
import type { StatusFacts } from './status-facts.ts';

export interface ProbeOptions {
  /** For all profiles of one provider one after the other; providers run side by side. */
  readonly limitMs: number;
  readonly apply: boolean;
  readonly progress: (line: string) => void;
}

/** Sends the cheapest call with every profile of the agent. Changes a state only with `apply`. */
export async function probe(app: App, facts: StatusFacts, options: ProbeOptions): Promise<ProbeResult[]> {
  const byProvider = await Promise.all(
    facts.rosters.map(async ({ roster }) => {
      const results: ProbeResult[] = [];
      for (const profile of roster.profiles) {
        if (profile.source === 'none') continue;
        options.progress(`Asking ${profile.provider.displayName} about ${profile.id} …`);
        results.push(await probeOne(app, facts, profile, options));
      }
      return results;
    }),
  );
  return byProvider.flat();
}

async function probeOne(
  app: App,
  facts: StatusFacts,
  profile: ServingProfile,
  options: ProbeOptions,
): Promise<ProbeResult> {
  const secret = await secretOf(app, facts, profile);
  if (typeof secret === 'string') {
    return { profileId: profile.id, model: '', status: 'missing', latencyMs: 0, detail: secret };
  }
  const { provider, type, base } = profile;
  const result = await testCall(app.upstream(), { provider, type, secret, base, limitMs: options.limitMs }, app.now);
  if (options.apply && (profile.source === 'own' || profile.source === 'grant')) note(app, profile, result);
  const { model, latencyMs, detail } = result;
  return { profileId: profile.id, model, status: probeStatus(result), latencyMs, detail };
}

function note(app: App, profile: ServingProfile, result: TestCallResult): void {
  const owner = { agentId: profile.agentId, profileId: profile.profileId };
  applyTest(app.stores().health, owner, result, {
    model: normalizeModel(profile.provider.id, result.model),
    config: app.config().config.auth.cooldowns,
  });
}

/** The secret, or why it is not to be had. */
async function secretOf(app: App, facts: StatusFacts, profile: ServingProfile): Promise<Secret | string> {
  if (profile.source === 'env') {
    const name = facts.environment.get(profile.provider.id)?.name;
    const value = name && app.env[name];
    return value ? new Secret(value) : `${name ?? 'its variable'} is only in the gateway's environment`;
  }
  try {
    const reading = await app.credentials().read(profile.agentId, profile.profileId, profile.base.origin);
    if (reading.status === 'ok') return reading.secret;
    return reading.status === 'missing' ? 'its secret is not in the vault' : `it was stored for ${reading.storedFor}`;
  } catch (error) {
    if (isMoltbotError(error)) return error.message;
    throw error;
  }
}

function probeStatus({ verdict, judgement }: TestCallResult): ProbeResult['status'] {
  if (verdict === 'valid') return 'ok';
  if (verdict === 'invalid') return 'auth';
  if (verdict === 'unreachable') return 'unreachable';
  if (judgement.outcome === 'billing') return 'billing';
  return judgement.outcome === 'rate_limited' ? 'rate_limit' : 'model_denied';
}

import { Args } from '@oclif/core';
import { agentFlag, agentOf, BaseCommand } from '../../../src/cli/base-command.ts';
import { limitsText } from '../../../src/cli/limits-text.ts';
import { knownServing } from '../../../src/cli/onboarding/known-profile.ts';
import { printable } from '../../../src/core/text.ts';
import { formatTime } from '../../../src/core/time.ts';
import { type ServingRecord, servingId } from '../../../src/profiles/serving-records.ts';
import { describeState, nextStep, toUnusable } from '../../../src/rotation/describe.ts';
import { agentOption } from '../../../src/rotation/messages.ts';
import type { HealthState } from '../../../src/rotation/types.ts';
import { candidateIdOf } from '../../../src/rotation/window.ts';
import { limitsOf } from '../../../src/status/profile-status.ts';
import { statusFacts } from '../../../src/status/status-facts.ts';

export default class AuthWhy extends BaseCommand {
  static override summary =
    'Say in a sentence why a profile is usable or not, since when, until when, and what comes next.';
  static override examples = ['<%= config.bin %> models auth why anthropic:work'];
  static override args = { profile: Args.string({ required: true, description: 'a profile id, provider:name' }) };
  static override flags = agentFlag;

  async run(): Promise<object> {
    const { args, flags } = await this.parse(AuthWhy);
    const agentId = agentOf(flags);
    const record = knownServing(this.app.storesForReading(), agentId, args.profile);
    const facts = statusFacts(this.app, agentId);
    const id = servingId(record);
    const states = facts.states.filter((state) => candidateIdOf(state, agentId) === id);
    const limits = limitsOf(facts.limits, record.profile);
    const heard = limits.length === 0 ? [] : [`Limits, as last heard: ${limitsText(limits, facts.nowMs)}.`];
    const sentences = [...grantSentences(record), ...sentencesOf(record, states, facts.nowMs), ...heard];
    this.log(sentences.join('\n'));
    return {
      profileId: id,
      agentId,
      sentences,
      states: states.map((state) => toUnusable(state, facts.nowMs, agentId)),
      limits,
    };
  }
}

function grantSentences({ profile, grant }: ServingRecord): string[] {
  if (!grant) return [];
  const models = grant.models ? `for ${grant.models.map(printable).join(', ')}` : 'for every model';
  const rate = grant.requestsPerMinute === null ? '' : `, at most ${grant.requestsPerMinute} requests a minute`;
  return [`It is ${profile.profileId} of agent "${profile.agentId}", granted to "${grant.agentId}" ${models}${rate}.`];
}

function sentencesOf(record: ServingRecord, states: readonly HealthState[], nowMs: number): string[] {
  const { expiresAtMs, lastUsedAtMs, agentId } = record.profile;
  const profileId = servingId(record);
  const expired =
    expiresAtMs !== null && expiresAtMs <= nowMs
      ? [
          `${profileId} expired at ${formatTime(expiresAtMs)}. Replace it: moltbot models auth paste-token --profile-id ${record.profile.profileId}${agentOption(agentId)}`,
        ]
      : [];
  if (states.length > 0) {
    return [...expired, ...states.flatMap((state) => [describeState(state, nowMs), nextStep(state, nowMs)])];
  }
  if (expired.length > 0) return expired;
  const used = lastUsedAtMs === null ? 'It has not been used yet' : `It was last used at ${formatTime(lastUsedAtMs)}`;
  return [`${profileId} is usable: no answer of the provider stands against it. ${used}.`];
}

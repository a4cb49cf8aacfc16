import { Args } from '@oclif/core';
import { agentFlag, agentOf, BaseCommand } from '../../../src/cli/base-command.ts';
import { knownProfile } from '../../../src/cli/onboarding/known-profile.ts';
import { formatTime } from '../../../src/core/time.ts';
import type { Profile } from '../../../src/profiles/profile-store.ts';
import { describeState, nextStep, toUnusable } from '../../../src/rotation/describe.ts';
import type { HealthState } from '../../../src/rotation/types.ts';
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
    const profile = knownProfile(this.app.storesForReading(), agentId, args.profile);
    const facts = statusFacts(this.app, agentId);
    const states = facts.states.filter(({ profileId }) => profileId === profile.profileId);
    const sentences = sentencesOf(profile, states, facts.nowMs);
    this.log(sentences.join('\n'));
    return {
      profileId: profile.profileId,
      agentId,
      sentences,
      states: states.map((state) => toUnusable(state, facts.nowMs)),
    };
  }
}

function sentencesOf(profile: Profile, states: readonly HealthState[], nowMs: number): string[] {
  const { profileId, expiresAtMs, lastUsedAtMs } = profile;
  const expired =
    expiresAtMs !== null && expiresAtMs <= nowMs
      ? [
          `${profileId} expired at ${formatTime(expiresAtMs)}. Replace it: moltbot models auth paste-token --profile-id ${profileId}`,
        ]
      : [];
  if (states.length > 0) {
    return [...expired, ...states.flatMap((state) => [describeState(state, nowMs), nextStep(state, nowMs)])];
  }
  if (expired.length > 0) return expired;
  const used = lastUsedAtMs === null ? 'It has not been used yet' : `It was last used at ${formatTime(lastUsedAtMs)}`;
  return [`${profileId} is usable: no answer of the provider stands against it. ${used}.`];
}

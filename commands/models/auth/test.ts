import { Args } from '@oclif/core';
import { agentFlag, agentOf, BaseCommand, jsonList, table } from '../../../src/cli/base-command.ts';
import { knownProfile } from '../../../src/cli/onboarding/known-profile.ts';
import { type TestJson, testJson } from '../../../src/cli/onboarding/report-stored.ts';
import { testStored } from '../../../src/cli/onboarding/test-stored.ts';
import { MoltbotError } from '../../../src/core/errors.ts';
import type { TestCallResult } from '../../../src/profiles/test-call.ts';
import { noApiKeyFound } from '../../../src/rotation/messages.ts';

/** Worst first: refused, unreachable, real but unusable now. */
const EXIT = { invalid: 1, unreachable: 69, valid_unusable: 3, valid: 0 } as const;

export default class AuthTest extends BaseCommand {
  static override summary = 'Ask the provider about a credential (about 10 tokens); a pass clears a disabled state.';
  static override description =
    'Without an id every profile of the agent is asked. Exit code: 0 fine, 3 real but unusable now, 1 refused, 69 unreachable.';
  static override examples = ['<%= config.bin %> models auth test anthropic:work'];
  static override args = { profile: Args.string({ description: 'a profile id, provider:name' }) };
  static override flags = agentFlag;

  async run(): Promise<object> {
    const { args, flags } = await this.parse(AuthTest);
    const agentId = agentOf(flags);
    const stores = this.app.storesForReading();
    const profiles = args.profile
      ? [knownProfile(stores, agentId, args.profile)]
      : (stores?.profiles.list(agentId) ?? []);
    if (profiles.length === 0) throw noProfiles(agentId);
    const results: { profileId: string; result: TestCallResult }[] = [];
    for (const profile of profiles) {
      this.note(`Asking about ${profile.profileId} …`);
      results.push({ profileId: profile.profileId, result: await testStored(this.app, profile) });
    }
    const rows = results.map(({ profileId, result }) => [
      profileId,
      result.verdict,
      `${result.latencyMs} ms`,
      result.detail,
    ]);
    this.log(table(['PROFILE', 'VERDICT', 'TIME', 'ANSWER'], rows, ''));
    process.exitCode = worst(results.map(({ result }) => EXIT[result.verdict]));
    const items = results.map(({ profileId, result }) => ({
      profileId,
      agentId,
      test: testJson(result) satisfies TestJson,
    }));
    return args.profile ? items[0]! : jsonList(items);
  }
}

function worst(codes: readonly number[]): number {
  return Object.values(EXIT).find((code) => codes.includes(code)) ?? 0;
}

function noProfiles(agentId: string): MoltbotError {
  const { text, remedy } = noApiKeyFound('any', agentId);
  return new MoltbotError('NO_CREDENTIALS', text.replace('provider "any"', 'any provider'), { hint: remedy });
}

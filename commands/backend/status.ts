import { Args } from '@oclif/core';
import { type BackendStatus, backendStatus, providersInUse } from '../../src/cli/backend/backend-status.ts';
import { BaseCommand, jsonList } from '../../src/cli/base-command.ts';
import { printable } from '../../src/core/text.ts';
import { findProvider } from '../../src/providers/registry.ts';

export default class BackendStatusCommand extends BaseCommand {
  static override summary =
    'Say whether providers can be reached, and how their profiles are. Free: no credential is sent.';
  static override description = 'Exit code 69 when one of them cannot be reached.';
  static override examples = ['<%= config.bin %> backend status', '<%= config.bin %> backend status anthropic --json'];
  static override args = { name: Args.string({ description: 'one provider; else all that are in use' }) };

  async run(): Promise<object> {
    const { args } = await this.parse(BackendStatusCommand);
    const providers =
      args.name === undefined ? providersInUse(this.app) : [findProvider(this.app.providers(), args.name)];
    if (providers.length === 0) this.log('No provider is in use yet. Add a credential: moltbot models auth add');
    const statuses = await Promise.all(providers.map((provider) => backendStatus(this.app, provider)));
    for (const status of statuses) this.log(textOf(status));
    if (statuses.some(({ endpoints }) => endpoints.some(({ reachable }) => !reachable))) process.exitCode = 69;
    return jsonList(statuses);
  }
}

function textOf({ provider, auth, endpoints, profiles }: BackendStatus): string {
  const lines = endpoints.map(({ detail, statusCode, latencyMs }) =>
    statusCode === null ? `  ${detail}` : `  ${detail} (HTTP ${statusCode} without a credential, ${latencyMs} ms)`,
  );
  const states = profiles.map(({ agentId, profileId, usable, unusable }) => {
    const [first] = unusable;
    const state = first ? `${first.kind}: ${first.reason}. ${first.nextStep}` : 'ready';
    return `  ${agentId}/${profileId}: ${usable && first ? `ready, but for ${first.model}: ` : ''}${state}`;
  });
  const isMissing = profiles.length === 0 && auth !== 'none';
  const none = isMissing ? [`  No profile. Add one: moltbot models auth paste-api-key --provider ${provider}`] : [];
  return [`${provider}:`, ...lines, ...states, ...none].map(printable).join('\n');
}

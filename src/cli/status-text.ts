import { formatDuration, formatTime } from '../core/time.ts';
import type { ModelsStatus, ProfileStatus } from '../status/models-status.ts';
import { table } from './base-command.ts';

/** `models status` for people. */
export function statusText(status: ModelsStatus, nowMs: number): string {
  const sections = [
    head(status),
    profiles(status, nowMs),
    unusable(status),
    cache(status),
    probe(status),
    closed(status),
  ];
  return sections.filter((section) => section !== '').join('\n\n');
}

/** Tab-separated lines, the first column says what a line is. */
export function plainStatus(status: ModelsStatus): string {
  const rows = [
    ['default', status.resolvedDefault ?? ''],
    ...status.auth.providers.map(({ provider, effective }) => [
      'provider',
      provider,
      effective.kind,
      effective.profileId ?? '',
    ]),
    ...status.auth.profiles.map((profile) => [
      'profile',
      profile.profileId,
      profile.type,
      profile.source,
      profile.status,
    ]),
    ...status.auth.unusableProfiles.map((each) => [
      'unusable',
      each.profileId,
      each.reason,
      each.model ?? '',
      String(each.until ?? ''),
    ]),
    ...(status.probe?.results ?? []).map((result) => [
      'probe',
      result.profileId,
      result.status,
      String(result.latencyMs),
    ]),
  ];
  return rows.map((row) => row.join('\t')).join('\n');
}

function head(status: ModelsStatus): string {
  const { gateway, auth } = status;
  const fallbacks = status.fallbacks.length > 0 ? `, then ${status.fallbacks.join(', ')}` : '';
  const vault = auth.vault.kind ? `${auth.vault.kind}${auth.vault.available ? '' : ' (not open)'}` : 'none chosen yet';
  const running = gateway.running ? `${gateway.url} (pid ${gateway.pid})` : 'not running';
  return [
    `Agent     ${status.agentId}`,
    `Gateway   ${running} on ${gateway.user}@${gateway.host}`,
    `Default   ${status.resolvedDefault ?? 'none; set one with: moltbot models set <provider/model>'}${fallbacks}`,
    `Vault     ${vault}`,
    ...auth.providers.map(({ provider, effective }) => `Next call ${provider}: ${effective.detail}`),
    ...auth.missingProvidersInUse.map(
      (provider) => `Missing   ${provider}: add one with: moltbot models auth add --provider ${provider}`,
    ),
  ].join('\n');
}

function profiles({ auth }: ModelsStatus, nowMs: number): string {
  const rows = auth.profiles.map((profile) => [
    profile.order === null ? '-' : String(profile.order),
    profile.profileId,
    profile.type === 'token' ? 'token' : 'API key',
    profile.label,
    profile.source === 'own' ? 'own' : `${profile.source} (seen by ${profile.seenBy})`,
    expiry(profile),
    profile.lastUsedAt === undefined ? 'never' : `${formatDuration(nowMs - profile.lastUsedAt)} ago`,
  ]);
  const hint = 'No credentials yet. Add one with: moltbot onboard';
  return table(['#', 'PROFILE', 'KIND', 'CREDENTIAL', 'SOURCE', 'EXPIRES', 'LAST USED'], rows, hint);
}

function expiry({ status, expiresAt, remainingMs, expiryAssumed, rotateDue }: ProfileStatus): string {
  if (status === 'expired') return `expired ${formatTime(expiresAt!)}`;
  const due = rotateDue ? ' (older than 90 days: replace it)' : '';
  if (remainingMs === undefined) return `never${due}`;
  return `in ${formatDuration(remainingMs)}${expiryAssumed ? ' (assumed)' : ''}${status === 'expiring' ? ' — renew it' : ''}${due}`;
}

function unusable({ auth }: ModelsStatus): string {
  if (auth.unusableProfiles.length === 0) return '';
  const lines = auth.unusableProfiles.map(({ profileId, model, kind, reason, remainingMs, nextStep }) => {
    const until = remainingMs === null ? 'until a person or a test ends it' : `for ${formatDuration(remainingMs)}`;
    return `${profileId}${model ? ` for ${model}` : ''}: ${kind} (${reason}) ${until}. ${nextStep}`;
  });
  return ['Unusable now', ...lines].join('\n');
}

function cache({ auth }: ModelsStatus): string {
  const set = auth.cachePolicy.filter(({ cacheControlTtl }) => cacheControlTtl !== null);
  return set.map(({ model, why }) => `Cache of ${model}: ${why}`).join('\n');
}

function probe(status: ModelsStatus): string {
  if (!status.probe) return '';
  const rows = status.probe.results.map((result) => [
    result.profileId,
    result.status,
    `${result.latencyMs} ms`,
    result.model,
    result.detail,
  ]);
  return table(['PROBED', 'RESULT', 'TIME', 'MODEL', 'DETAIL'], rows, 'Nothing to probe.');
}

function closed({ gates }: ModelsStatus): string {
  const shut = gates.filter(({ open }) => !open);
  return shut.map(({ name, why }) => `Closed: ${name}. ${why}`).join('\n');
}

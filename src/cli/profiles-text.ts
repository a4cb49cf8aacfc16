import { formatDuration, formatTime } from '../core/time.ts';
import { agentOption } from '../rotation/messages.ts';
import type { ModelsStatus, ProfileStatus } from '../status/models-status.ts';
import { table } from './base-command.ts';
import { limitsText } from './limits-text.ts';

type Profiles = Pick<ModelsStatus['auth'], 'profiles' | 'unusableProfiles'>;

/** An agent's profiles as every list of them shows them, then those that are unusable now. No profiles: `whenEmpty`. */
export function profilesText(auth: Profiles, agentId: string, nowMs: number, whenEmpty: string): string {
  const head = ['#', 'PROFILE', 'KIND', 'CREDENTIAL', 'SOURCE', 'EXPIRES', 'LAST USED'];
  const rows = auth.profiles.map((profile) => row(profile, nowMs));
  const sections = [table(head, rows, whenEmpty), limits(auth, nowMs), rotateText(auth, agentId), unusableText(auth)];
  return sections.filter((section) => section !== '').join('\n\n');
}

function row(profile: ProfileStatus, nowMs: number): string[] {
  return [
    profile.order === null ? '-' : String(profile.order),
    profile.profileId,
    profile.type === 'token' ? 'token' : 'API key',
    profile.label,
    source(profile),
    expiry(profile),
    profile.lastUsedAt === undefined ? 'never' : `${formatDuration(nowMs - profile.lastUsedAt)} ago`,
  ];
}

function source({ source: from, seenBy, grantedBy, grantedTo = [], models, requestsPerMinute }: ProfileStatus): string {
  if (from === 'own') return grantedTo.length > 0 ? `own, granted to ${grantedTo.join(', ')}` : 'own';
  if (from !== 'grant') return `${from} (seen by ${seenBy})`;
  const limits = [
    ...(models ? [`for ${models.join(', ')}`] : []),
    ...(requestsPerMinute ? [`${requestsPerMinute} a minute`] : []),
  ];
  return [`granted by ${grantedBy}`, ...limits].join(', ');
}

function expiry({ status, expiresAt, remainingMs, expiryAssumed, rotateDue }: ProfileStatus): string {
  if (status === 'expired') return `expired ${formatTime(expiresAt!)}`;
  const due = rotateDue ? ' (older than 90 days)' : '';
  if (remainingMs === undefined) return `never${due}`;
  return `in ${formatDuration(remainingMs)}${expiryAssumed ? ' (assumed)' : ''}${status === 'expiring' ? ' — renew it' : ''}${due}`;
}

function limits({ profiles }: Profiles, nowMs: number): string {
  const heard = profiles.filter((profile) => profile.limits.length > 0);
  if (heard.length === 0) return '';
  return ['Limits', ...heard.map((profile) => `${profile.profileId}  ${limitsText(profile.limits, nowMs)}`)].join('\n');
}

/** Who may replace a granted one is its owner. */
function rotateText({ profiles }: Profiles, agentId: string): string {
  return profiles
    .filter(({ rotateDue }) => rotateDue)
    .map(({ profileId, grantedBy = agentId }) => {
      const command = `moltbot models auth replace ${profileId.slice(profileId.indexOf('/') + 1)}${agentOption(grantedBy)}`;
      return `${profileId} is older than 90 days. Make a new credential at the provider, then: ${command}`;
    })
    .join('\n');
}

/** Those that are unusable now, or nothing. */
export function unusableText(auth: Pick<Profiles, 'unusableProfiles'>): string {
  if (auth.unusableProfiles.length === 0) return '';
  const lines = auth.unusableProfiles.map(({ profileId, model, kind, reason, remainingMs, nextStep }) => {
    const until = remainingMs === null ? 'until a person or a test ends it' : `for ${formatDuration(remainingMs)}`;
    return `${profileId}${model ? ` for ${model}` : ''}: ${kind} (${reason}) ${until}. ${nextStep}`;
  });
  return ['Unusable now', ...lines].join('\n');
}

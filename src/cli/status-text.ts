import { resetText } from '../budgets/reset-text.ts';
import { agentOption } from '../rotation/messages.ts';
import type { ModelsStatus } from '../status/models-status.ts';
import { spendLimitText } from '../status/spend-limit-text.ts';
import { table } from './base-command.ts';
import { spentText } from './budgets/budget-text.ts';
import { profilesText } from './profiles-text.ts';

/** `models status` for people. */
export function statusText(status: ModelsStatus, nowMs: number): string {
  const sections = [
    banner(status),
    head(status),
    profilesText(
      status.auth,
      status.agentId,
      nowMs,
      `No credentials yet. Add one with: moltbot onboard${agentOption(status.agentId)}`,
    ),
    budgets(status),
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
    ...(status.pause ? [['paused', status.pause.cause, 'provider' in status.pause ? status.pause.provider : '']] : []),
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
    ...status.budgets.map(({ name, state, spent, amount, unit }) => [
      'budget',
      name,
      state,
      String(spent),
      String(amount),
      unit,
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

/** Before everything else: somebody waits for money. A person's pause is said beside the agent. */
function banner({ agentId, pause }: ModelsStatus): string {
  if (pause?.cause !== 'provider_spend_limit') return '';
  return `!! Agent "${agentId}": ${spendLimitText(pause, agentId)}`;
}

function head(status: ModelsStatus): string {
  const { gateway, auth } = status;
  const option = agentOption(status.agentId);
  const { why: stop } = status.gates.find(({ name, open }) => name === AGENT && !open) ?? {};
  const fallbacks = status.fallbacks.length > 0 ? `, then ${status.fallbacks.join(', ')}` : '';
  const vault = auth.vault.kind ? `${auth.vault.kind}${auth.vault.available ? '' : ' (not open)'}` : 'none chosen yet';
  const running = gateway.running ? `${gateway.url} (pid ${gateway.pid})` : 'not running';
  return [
    `Agent     ${status.agentId}${stop === undefined ? '' : `. ${stop}`}`,
    `Gateway   ${running} on ${gateway.user}@${gateway.host}`,
    `Default   ${status.resolvedDefault ?? 'none; set one with: moltbot models set <provider/model>'}${fallbacks}`,
    `Vault     ${vault}`,
    ...auth.providers.map(({ provider, effective }) => `Next call ${provider}: ${effective.detail}`),
    ...auth.missingProvidersInUse.map(
      (provider) => `Missing   ${provider}: add one with: moltbot models auth add --provider ${provider}${option}`,
    ),
  ].join('\n');
}

/** From this share of its amount on a budget is worth a line. */
const NEARLY = 0.8;

function budgets(status: ModelsStatus): string {
  return status.budgets
    .filter(({ state, spent, amount }) => state === 'used_up' || spent >= amount * NEARLY)
    .map((budget) => {
      const reset = resetText(budget.per, budget.window.endsAt, budget.timeZone);
      return `Budget    ${budget.name}: ${spentText(budget)} spent. ${reset}`;
    })
    .join('\n');
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

/** The gate that the banner tells of. */
function bannered({ pause }: ModelsStatus): string | undefined {
  return pause?.cause === 'provider_spend_limit' ? `credential:${pause.provider}` : undefined;
}

/** Its gate is said in the first line. */
const AGENT = 'agent';
/** How the gates of keys that a simulator issued are named. */
const SIMULATOR = 'simulator:';

function closed(status: ModelsStatus): string {
  const { gates } = status;
  const shut = gates.filter(({ open }) => !open);
  const simulated = shut.flatMap(({ name }) => (name.startsWith(SIMULATOR) ? [name.slice(SIMULATOR.length)] : []));
  const lines = shut
    .filter(({ name }) => !name.startsWith(SIMULATOR) && name !== AGENT && name !== bannered(status))
    .map(({ name, why }) => `Closed: ${name}. ${why}`);
  if (simulated.length > 0)
    lines.push(`Not real: a simulator issued the keys of ${simulated.join(', ')}, and it makes up the answers.`);
  return lines.join('\n');
}

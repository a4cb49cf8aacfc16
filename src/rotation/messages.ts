import type { CredentialType } from '../providers/provider.ts';

/**
 * The four texts people look up, the same in CLI, proxy and page; the README has them as headings. The first words of
 * each are stable.
 */
export interface Message {
  /** One sentence that names the thing. */
  readonly text: string;
  /** What to type next. */
  readonly remedy: string;
}

/** `setupToken` is a profile that was passed over, because subscription tokens serve Claude Code and nobody else unasked. */
export function noApiKeyFound(provider: string, agentId: string, setupToken?: string): Message {
  const text = `No API key found for provider "${provider}" (agent "${agentId}").`;
  if (setupToken !== undefined) {
    const paste = `moltbot models auth paste-api-key --provider ${provider}${agentOption(agentId)}`;
    return { text, remedy: `Its setup-token "${setupToken}" serves Claude Code only; add an API key: ${paste}` };
  }
  const paste =
    provider === 'anthropic' ? 'paste a setup-token or API key on the gateway host' : 'paste a key on the gateway host';
  return {
    text,
    remedy: `Auth is per agent: run moltbot onboard${agentOption(agentId)}, or ${paste}, then verify with: moltbot models status${agentOption(agentId)}`,
  };
}

export function noCredentialsForProfile(profileId: string, agentId: string, type: CredentialType = 'api_key'): Message {
  const option = agentOption(agentId);
  return {
    text: `No credentials found for profile "${profileId}" (agent "${agentId}").`,
    remedy: `See which profile is active with: moltbot models status${option}. Run moltbot onboard${option} again, or paste for that profile: ${pasteCommand(profileId, type, agentId)}`,
  };
}

/** `details` are the sentences of `whyBlocked`, one per profile. */
export function noAvailableProfile(details: readonly string[], agentId: string): Message {
  const list = details.length === 0 ? '.' : `: ${details.join('; ')}.`;
  return {
    text: `No available auth profile (all in cooldown/unavailable)${list}`,
    remedy: `Add another profile or wait; auth.unusableProfiles in moltbot models status${agentOption(agentId)} --json lists them.`,
  };
}

export function suddenlyInvalid(profileId: string, type: CredentialType, agentId: string): Message {
  const paste = pasteCommand(profileId, type, agentId);
  return {
    text: `401 / token suddenly invalid: the provider refused the credential of profile "${profileId}" (agent "${agentId}").`,
    remedy:
      type === 'token'
        ? `Run claude setup-token again and paste it on the gateway host: ${paste}`
        : `Make a new key at the provider and paste it on the gateway host: ${paste}`,
  };
}

/** `main` is what every command means unless told otherwise. */
export function agentOption(agentId: string): string {
  return agentId === 'main' ? '' : ` --agent ${agentId}`;
}

/** `anthropic` of `anthropic:work`, also of a granted `main/anthropic:work`. */
export function providerOf(profileId: string): string {
  return profileId.slice(profileId.indexOf('/') + 1).split(':')[0]!;
}

function pasteCommand(profileId: string, type: CredentialType, agentId: string): string {
  const command = type === 'token' ? 'paste-token' : 'paste-api-key';
  const slash = profileId.indexOf('/');
  // The secret of a granted profile is its owner's to enter.
  const owner = slash === -1 ? agentId : profileId.slice(0, slash);
  return `moltbot models auth ${command} --provider ${providerOf(profileId)} --profile-id ${profileId.slice(slash + 1)}${agentOption(owner)}`;
}

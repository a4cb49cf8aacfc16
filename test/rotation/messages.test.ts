import { describe, expect, it } from 'vitest';
import {
  noApiKeyFound,
  noAvailableProfile,
  noCredentialsForProfile,
  providerOf,
  suddenlyInvalid,
} from '../../src/rotation/messages.ts';

describe('the messages people look up', () => {
  it('No API key found for provider', () => {
    expect(noApiKeyFound('anthropic', 'reviewer')).toEqual({
      text: 'No API key found for provider "anthropic" (agent "reviewer").',
      remedy:
        'Auth is per agent: run moltbot onboard --agent reviewer, or paste a setup-token or API key on the gateway host, then verify with: moltbot models status --agent reviewer',
    });
    expect(noApiKeyFound('xai', 'main').remedy).toBe(
      'Auth is per agent: run moltbot onboard, or paste a key on the gateway host, then verify with: moltbot models status',
    );
    expect(noApiKeyFound('anthropic', 'reviewer', 'anthropic:mine')).toEqual({
      text: 'No API key found for provider "anthropic" (agent "reviewer").',
      remedy:
        'Its setup-token "anthropic:mine" serves Claude Code only; add an API key: moltbot models auth paste-api-key --provider anthropic --agent reviewer',
    });
  });

  it('No credentials found for profile', () => {
    expect(noCredentialsForProfile('anthropic:default', 'main')).toEqual({
      text: 'No credentials found for profile "anthropic:default" (agent "main").',
      remedy:
        'See which profile is active with: moltbot models status. Run moltbot onboard again, or paste for that profile: moltbot models auth paste-api-key --provider anthropic --profile-id anthropic:default',
    });
    expect(noCredentialsForProfile('anthropic:manual', 'reviewer', 'token').remedy).toContain(
      'moltbot models auth paste-token --provider anthropic --profile-id anthropic:manual --agent reviewer',
    );
  });

  it('No available auth profile (all in cooldown/unavailable)', () => {
    expect(noAvailableProfile(['a one', 'b two'], 'main')).toEqual({
      text: 'No available auth profile (all in cooldown/unavailable): a one; b two.',
      remedy: 'Add another profile or wait; auth.unusableProfiles in moltbot models status --json lists them.',
    });
    expect(noAvailableProfile([], 'main').text).toBe('No available auth profile (all in cooldown/unavailable).');
  });

  it('401 / token suddenly invalid', () => {
    expect(suddenlyInvalid('anthropic:manual', 'token', 'main')).toEqual({
      text: '401 / token suddenly invalid: the provider refused the credential of profile "anthropic:manual" (agent "main").',
      remedy:
        'Run claude setup-token again and paste it on the gateway host: moltbot models auth paste-token --provider anthropic --profile-id anthropic:manual',
    });
    expect(suddenlyInvalid('xai:default', 'api_key', 'main').remedy).toBe(
      'Make a new key at the provider and paste it on the gateway host: moltbot models auth paste-api-key --provider xai --profile-id xai:default',
    );
  });

  it('knows the provider of an own and of a granted profile', () => {
    expect([providerOf('anthropic:work'), providerOf('main/anthropic:work')]).toEqual(['anthropic', 'anthropic']);
  });
});

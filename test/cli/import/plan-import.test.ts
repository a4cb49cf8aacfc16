import { describe, expect, it } from 'vitest';
import type { Find } from '../../../src/cli/import/find.ts';
import { type ImportSetting, planImport } from '../../../src/cli/import/plan-import.ts';
import { Secret } from '../../../src/core/secret.ts';
import type { Profile } from '../../../src/profiles/profile-store.ts';
import { anthropic } from '../../../src/providers/anthropic.ts';
import { openai } from '../../../src/providers/openai.ts';
import { xai } from '../../../src/providers/xai.ts';

const KEY = `sk-ant-sim-${'a'.repeat(30)}`;
const OTHER = `sk-ant-sim-${'b'.repeat(30)}`;

function find(text: string, more: Partial<Find> = {}): Find {
  const value = { kind: 'secret', secret: new Secret(text) } as const;
  return { file: '/f', where: 'x', provider: 'anthropic', type: 'api_key', name: 'default', value, ...more };
}

function profile(profileId: string, text: string): Profile {
  return { agentId: 'main', profileId, provider: profileId.split(':')[0]!, fingerprint: text, label: '…' } as Profile;
}

function plan(finds: readonly Find[], more: Partial<ImportSetting> = {}) {
  const providers = new Map([anthropic, openai, xai].map((provider) => [provider.id, provider]));
  const fingerprintOf = (secret: Secret) => secret.reveal();
  const setting = { agentId: 'main', providers, profiles: [], fingerprintOf, replace: false, ...more };
  return planImport(finds, setting, 1000).map((item) => {
    if (item.status === 'left_out') return [item.status, item.reason];
    if (item.status !== 'planned') return [item.status, 'profileId' in item ? item.profileId : ''];
    const { profileId, baseUrl, type } = item.request;
    return [item.status, profileId, type, item.origin, baseUrl, item.isElsewhere];
  });
}

const own = 'https://api.anthropic.com';

describe('what becomes of what was found', () => {
  it('knows a provider by the names, addresses and prefixes that other tools use', () => {
    const grok = `xai-sim-${'c'.repeat(30)}`;
    const openAi = `sk-sim-${'d'.repeat(30)}`;
    expect(
      plan([
        find(KEY, { provider: 'Claude', name: 'a' }),
        find(openAi, { provider: 'openai-codex', name: 'b' }),
        find(grok, { provider: 'my grok', baseUrl: 'https://api.x.ai/v1', name: 'c' }),
        find(OTHER, { provider: 'company', baseUrl: 'https://llm.example.com/claude', name: 'd' }),
        find(`${openAi}2`, { provider: 'company', baseUrl: 'https://llm.example.com/v1' }),
      ]),
    ).toEqual([
      ['planned', 'anthropic:a', 'api_key', own, undefined, false],
      ['planned', 'openai:b', 'api_key', 'https://api.openai.com', undefined, false],
      ['planned', 'xai:c', 'api_key', 'https://api.x.ai', undefined, false],
      ['planned', 'anthropic:d', 'api_key', 'https://llm.example.com', 'https://llm.example.com/claude', true],
      ['left_out', 'belongs to a provider that is not defined here'],
    ]);
  });

  it('tells a setup-token by its form and leaves out what has expired or is damaged', () => {
    const token = `sk-ant-oat01-sim-${'e'.repeat(80)}`;
    expect(
      plan([
        find(token, { name: 'a' }),
        find(KEY, { type: 'token', expiresAtMs: 2000, name: 'b' }),
        find(OTHER, { expiresAtMs: 999 }),
        find('sk-ant-admin-0123456789'),
        find(KEY.slice(0, 20)),
      ]).map((item) => item.slice(0, 3)),
    ).toEqual([
      ['planned', 'anthropic:a', 'token'],
      ['planned', 'anthropic:b', 'api_key'],
      ['left_out', expect.stringMatching(/^expired at /)],
      ['left_out', expect.stringContaining('admin key')],
      ['left_out', expect.stringMatching(/^cannot be used: .*[^.]$/)],
    ]);
  });

  it.each([
    ['https://user:pw@llm.example.com', 'cannot be used: The base URL holds a user name or password'],
    ['http://llm.example.com', 'cannot be used: The base URL sends keys to llm.example.com in the clear'],
    ['llm.example.com', 'cannot be used: The base URL is not a URL that starts with https:// or http://'],
  ])('leaves out what would go to %s', (baseUrl, reason) => {
    expect(plan([find(KEY, { baseUrl })])).toEqual([['left_out', reason]]);
  });

  it('brings one key once, numbers names, and takes the place of nothing unasked', () => {
    const third = `sk-ant-sim-${'f'.repeat(30)}`;
    const finds = [
      find(KEY),
      find(OTHER),
      find(KEY),
      find(third, { name: 'Work Key' }),
      find(`${third}2`, { name: 'env' }),
    ];
    expect(plan(finds).map((item) => item.slice(0, 2))).toEqual([
      ['planned', 'anthropic:default'],
      ['planned', 'anthropic:default-2'],
      ['repeated', 'anthropic:default'],
      ['planned', 'anthropic:work-key'],
      ['planned', 'anthropic:imported-env'],
    ]);
    const profiles = [profile('anthropic:default', OTHER), profile('anthropic:work-key', 'another')];
    expect(plan(finds, { profiles }).map((item) => item.slice(0, 2))).toEqual([
      ['planned', 'anthropic:default-2'],
      ['present', 'anthropic:default'],
      ['repeated', 'anthropic:default-2'],
      ['left_out', 'would be anthropic:work-key, which is there with another key (…)'],
      ['planned', 'anthropic:imported-env'],
    ]);
  });

  it('says the address in full when it takes the place of a profile, whose own address would hold otherwise', () => {
    const profiles = [profile('anthropic:default', OTHER)];
    expect(plan([find(KEY)], { profiles, replace: true })).toEqual([
      ['planned', 'anthropic:default', 'api_key', own, own, false],
    ]);
  });

  it('makes no name of a profile out of a key', () => {
    expect(plan([find(KEY, { name: KEY })])[0]![1]).toBe('anthropic:sk-ant');
  });
});

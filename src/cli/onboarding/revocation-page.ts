/** Where a person ends a key at the provider itself; from the providers' own consoles. */
const PAGES: Readonly<Record<string, string>> = {
  anthropic: 'https://console.anthropic.com/settings/keys (a setup-token: https://claude.ai/settings)',
  openai: 'https://platform.openai.com/api-keys',
  xai: 'https://console.x.ai',
};

export function revocationPage(providerId: string): string | undefined {
  return Object.hasOwn(PAGES, providerId) ? PAGES[providerId] : undefined;
}

import { expect, it } from 'vitest';
import { modelChoices } from '../../../src/cli/onboarding/model-choice.ts';

it('shows a price of one’s own beside a model that is to be chosen, and the catalog’s beside the others', () => {
  const own = { 'xai/grok-4-fast': { inputUsdPerMillion: 0.1, outputUsdPerMillion: 0.4 } };
  const choices = modelChoices('xai', own, Date.UTC(2026, 10, 21)).filter(({ value }) => value.includes('grok-4-'));
  expect(choices).toEqual([
    { value: 'xai/grok-4-1-fast', name: 'Grok 4.1 Fast        $0.20 in · $0.50 out per 1M tokens (unconfirmed)' },
    { value: 'xai/grok-4-fast', name: 'Grok 4 Fast          $0.10 in · $0.40 out per 1M tokens (set in the config)' },
    { value: 'xai/grok-4-0709', name: 'Grok 4               $3 in · $15 out per 1M tokens' },
  ]);
});

import { expect, it } from 'vitest';
import { cutError } from '../../../src/gateway/answer/open-answers.ts';

it('names the gate of the provider whose credential was removed before anything was answered', () => {
  const { code, hint, gate } = cutError('removed', 'anthropic');
  expect({ code, hint, gate }).toEqual({
    code: 'NO_CREDENTIALS',
    hint: 'Send the request again.',
    gate: 'credential:anthropic',
  });
});

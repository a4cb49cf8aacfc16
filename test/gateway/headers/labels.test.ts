import { expect, it } from 'vitest';
import { labelsOf } from '../../../src/gateway/headers/labels.ts';

it('reads labels whatever their case, and nothing else', () => {
  const raw = [
    'X-Moltbot-Label-Project',
    'web',
    'x-moltbot-label-team',
    'a "b"',
    'x-moltbot-other',
    'no',
    'accept',
    '*/*',
  ];
  expect(JSON.parse(labelsOf(raw)!)).toEqual({ project: 'web', team: 'a "b"' });
  expect(labelsOf(['accept', '*/*', 'x-moltbot-label-', 'x'])).toBeNull();
});

it('leaves out names that are none, values that are too long, and more than sixteen', () => {
  expect(labelsOf(['x-moltbot-label-__proto__', 'x', 'x-moltbot-label-a', 'v'.repeat(201)])).toBeNull();
  const many = Array.from({ length: 20 }, (_, n) => [`x-moltbot-label-l${n}`, String(n)]).flat();
  expect(Object.keys(JSON.parse(labelsOf(many)!))).toHaveLength(16);
});

export type StartChoice = 'gateway' | 'onboarding' | 'environment keys' | 'demo';

/** The obvious thing for plain `npm start` on a machine. */
export function startChoice(machine: { isConfigured: boolean; hasTerminal: boolean; hasKeys: boolean }): StartChoice {
  if (machine.isConfigured) return 'gateway';
  if (machine.hasTerminal) return 'onboarding';
  return machine.hasKeys ? 'environment keys' : 'demo';
}

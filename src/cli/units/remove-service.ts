import { existsSync, rmSync } from 'node:fs';
import { runCommands } from './run-commands.ts';
import type { ServiceDefinition } from './service-definition.ts';

/** Ends the service and deletes its definition; `left` are commands that the service manager did not take from us. */
export function removeService({ file, uninstall }: ServiceDefinition): { removed: boolean; left: string[] } {
  if (!existsSync(file)) return { removed: false, left: [] };
  const left = runCommands(uninstall).map((command) => command.join(' '));
  rmSync(file, { force: true });
  return { removed: true, left };
}

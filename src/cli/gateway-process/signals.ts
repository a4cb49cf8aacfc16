const ENDING = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/** Resolves with the next signal that asks this process to end; until then none of them ends it by itself. */
export function nextSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const listener = (signal: NodeJS.Signals) => {
      for (const name of ENDING) process.off(name, listener);
      resolve(signal);
    };
    for (const name of ENDING) process.on(name, listener);
  });
}

/** Nano-dollars as dollars to the micro-dollar, half to even, for people and tables: `0.019750`. */
export function usd(nanoUsd: number): string {
  const nano = BigInt(nanoUsd);
  const micro = nano / 1_000n;
  const rest = nano % 1_000n;
  const isUp = rest > 500n || (rest === 500n && micro % 2n === 1n);
  const text = String(isUp ? micro + 1n : micro).padStart(7, '0');
  return `${text.slice(0, -6)}.${text.slice(-6)}`;
}

/** The same in as few digits as it takes, two at least: `$5.00`, `$0.0125`. */
export function dollars(nanoUsd: number): string {
  const [whole, micro] = usd(Math.abs(nanoUsd)).split('.') as [string, string];
  const digits = micro.replace(/0+$/, '').padEnd(2, '0');
  return `${nanoUsd < 0 ? '-' : ''}$${whole}.${digits}`;
}

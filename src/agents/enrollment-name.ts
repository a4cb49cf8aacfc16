/** Names shorter than this differ by too little for a distance to mean anything. */
const SHORTEST_COMPARED = 6;
/** Characters a person reads for one another, each as the one it is taken for. */
const READ_AS: readonly (readonly [RegExp, string])[] = [
  [/-/g, ''],
  [/rn/g, 'm'],
  [/vv/g, 'w'],
  [/cl/g, 'd'],
  [/[1i]/g, 'l'],
  [/0/g, 'o'],
  [/5/g, 's'],
  [/2/g, 'z'],
];

/**
 * The name among `taken` that a person could read for the one that is asked for, or undefined. Alike are names that
 * look the same (`reviewer1` and `reviewerl`, `modem` and `rnodem`, `build-bot` and `buildbot`), and those of six
 * characters and more of which one becomes the other by one letter (`reviewer`, `reviewers`, `reveiwer`). Another
 * number is another name: `reviewer-1` and `reviewer-2`.
 */
export function lookAlike(name: string, taken: readonly string[]): string | undefined {
  return taken.find((other) => other !== name && (asRead(name) === asRead(other) || isOneLetterOff(name, other)));
}

function asRead(name: string): string {
  return READ_AS.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), name);
}

function isOneLetterOff(a: string, b: string): boolean {
  if (Math.min(a.length, b.length) < SHORTEST_COMPARED) return false;
  const digits = (name: string) => name.replace(/[^0-9]/g, '');
  return digits(a) === digits(b) && isOneEdit(a, b);
}

/** One character added, left out, replaced, or swapped with its neighbour. */
function isOneEdit(a: string, b: string): boolean {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  let at = 0;
  while (at < short.length && short[at] === long[at]) at++;
  if (long.length === short.length + 1) return short.slice(at) === long.slice(at + 1);
  if (long.length !== short.length) return false;
  const isReplaced = short.slice(at + 1) === long.slice(at + 1);
  const isSwapped =
    short[at] === long[at + 1] && short[at + 1] === long[at] && short.slice(at + 2) === long.slice(at + 2);
  return isReplaced || isSwapped;
}

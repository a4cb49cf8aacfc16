import { hideCredentials } from '../hide-credentials.ts';

/** Names that stand for what is not stored. */
const RESERVED = ['env', 'none'];

/** `Me@Example.com` → `me-example.com`: the part of a profile id after the colon, as near to the source's as it may be. */
export function profileName(text: string): string {
  const name = hideCredentials(text)
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+|-+$/g, '')
    .slice(0, 56);
  return name === '' || RESERVED.includes(name) ? `imported${name && `-${name}`}` : name;
}

/** The first of `id`, `id-2`, `id-3` … that is not taken. */
export function freeId(id: string, isTaken: (id: string) => boolean): string {
  let free = id;
  for (let count = 2; isTaken(free); count++) free = `${id}-${count}`;
  return free;
}

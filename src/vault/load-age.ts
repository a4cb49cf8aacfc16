/** The age library takes 80 ms to import, so only what seals or opens a file loads it. */
export function loadAge(): Promise<typeof import('age-encryption')> {
  return import('age-encryption');
}

/** Where clients on this machine reach it: an address that means "all" is written as the loopback one. */
export function listeningUrl(host: string, port: number, isTls: boolean): string {
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `${isTls ? 'https' : 'http'}://${name.includes(':') ? `[${name}]` : name}:${port}`;
}

const ECHOED = new Set(['authorization', 'x-api-key', 'api-key', 'cookie']);

/** The credentials of a request as a leaky server would show them: whole header values, or encoded. */
export function echoOf(rawHeaders: readonly string[], encoding: 'plain' | 'base64' | 'url'): string {
  const parts: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!.toLowerCase();
    if (ECHOED.has(name)) parts.push(`${name}: ${encodeEcho(rawHeaders[index + 1]!, encoding)}`);
  }
  return parts.join('; ');
}

function encodeEcho(value: string, encoding: 'plain' | 'base64' | 'url'): string {
  const credential = value.replace(/^bearer +/i, '');
  if (encoding === 'base64') return Buffer.from(credential).toString('base64');
  return encoding === 'url' ? encodeURIComponent(value) : value;
}

import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { keepCertificate } from '../../src/gateway/keep-certificate.ts';
import { createListener, listen } from '../../src/gateway/listener.ts';
import { readTlsFiles } from '../../src/gateway/tls-files.ts';
import { cliHome, runCli } from '../fakes/cli.ts';
import { writeConfig } from '../security/cli-gateway.ts';
import { selfSigned } from '../security/self-signed.ts';

const DAY_MS = 86_400_000;

let directory: string;
let tls: { certFile: string; keyFile: string };
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'moltbot-tls-'));
  tls = { certFile: join(directory, 'cert.pem'), keyFile: join(directory, 'key.pem') };
});
afterEach(() => rmSync(directory, { recursive: true }));

function renew(validMs = 90 * DAY_MS): { cert: string; key: string } {
  const made = selfSigned('127.0.0.1', validMs);
  writeFileSync(tls.certFile, made.cert);
  writeFileSync(tls.keyFile, made.key, { mode: 0o600 });
  return made;
}

describe('the certificate of the gateway', () => {
  const faults: [string, () => void, RegExp][] = [
    ['a missing certificate', () => rmSync(tls.certFile), /^gateway\.tls\.certFile: .*cert\.pem is not there\.$/],
    ['a missing key', () => rmSync(tls.keyFile), /^gateway\.tls\.keyFile: .*key\.pem is not there\.$/],
    ['something else', () => writeFileSync(tls.certFile, 'PEM?'), /cert\.pem holds no PEM certificate\.$/],
    [
      'a key that is none',
      () => writeFileSync(tls.keyFile, 'PEM?'),
      /key\.pem holds no PEM private key without a passphrase/,
    ],
    [
      'the key of another',
      () => writeFileSync(tls.keyFile, selfSigned().key),
      /is not the key of the certificate in .*cert\.pem\.$/,
    ],
    [
      'a relative path',
      () => Object.assign(tls, { certFile: 'cert.pem' }),
      /cert\.pem is not (an absolute path|there)\.$/,
    ],
  ];
  it.each(faults)('is refused with its setting and file where there is %s', (_what, spoil, message) => {
    renew();
    spoil();
    expect(() => readTlsFiles(tls)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringMatching(message) }),
    );
  });

  it('is taken over when it is renewed, while open connections go on, and a half renewed one is not', async () => {
    const first = renew();
    const { log, lines } = memoryLog();
    const server = createListener((_request, response) => response.end('fine'), tls);
    const port = await listen(server, '127.0.0.1', 0);
    keepCertificate(server, tls, log, { everyMs: 20 });
    const open = await secured(port);
    const old = fingerprintOf(open);
    writeFileSync(tls.certFile, selfSigned().cert);
    await vi.waitFor(() => expect(lines.join()).toContain('certificate not taken over'));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(lines.filter((line) => line.includes('certificate not taken over'))).toHaveLength(1);
    expect(await fingerprintAt(port)).toBe(old);
    expect(first.cert).not.toBe(renew().cert);
    await vi.waitFor(async () => expect(await fingerprintAt(port)).not.toBe(old));
    open.write('GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n');
    expect(await textOf(open)).toContain('fine');
    await close(server);
  });

  it('is warned of from 14 days before its end, and once it is over', () => {
    for (const [validMs, said] of [
      [15 * DAY_MS, ''],
      [13 * DAY_MS, 'the certificate expires in 13 d'],
      [-1_000, 'the certificate expired at'],
    ] as const) {
      renew(validMs);
      const { log, lines } = memoryLog();
      const server = createListener(() => undefined, tls);
      keepCertificate(server, tls, log);
      server.emit('close');
      expect(lines.join()).toContain(said);
      expect(lines).toHaveLength(said === '' ? 0 : 1);
    }
  });
});

describe('moltbot', () => {
  async function inHome(gateway: object, ...args: string[]) {
    const home = cliHome();
    try {
      writeConfig(home, { gateway: { tls, ...gateway } });
      const { code, stdout } = await runCli(home, [...args, '--json']);
      return { code, value: JSON.parse(stdout) };
    } finally {
      home.remove();
    }
  }
  const findings = async (gateway: object = {}, ...flags: string[]) =>
    (await inHome(gateway, 'doctor', ...flags)).value.items
      .filter(({ check }: { check: string }) => check === 'certificate')
      .map(({ level, message }: { level: string; message: string }) => `${level} ${message.replaceAll(directory, '')}`);

  it('doctor says how long the certificate is good, for whom, and who can read its key, which --fix mends', async () => {
    renew();
    expect(await findings()).toEqual([expect.stringMatching(/^ok The certificate in \/cert\.pem is good until/)]);
    renew(3 * DAY_MS);
    chmodSync(tls.keyFile, 0o644);
    expect(await findings({ allowedHosts: ['box.lan', 'localhost', '127.0.0.1'] })).toEqual([
      'warning The certificate in /cert.pem expires in 3 d.',
      'warning The certificate in /cert.pem is not for box.lan, which gateway.allowedHosts names.',
      'warning The private key /key.pem can be read by other users (mode 644).',
    ]);
    await findings({}, '--fix');
    expect(statSync(tls.keyFile).mode & 0o777).toBe(0o600);
    rmSync(tls.keyFile);
    expect(await findings()).toEqual(['problem gateway.tls.keyFile: /key.pem is not there.']);
  });

  it('gateway run ends with 78 and the file that is wrong', async () => {
    renew();
    writeFileSync(tls.keyFile, selfSigned().key);
    const { code, value } = await inHome({}, 'gateway', 'run', '--port', '0');
    expect([code, value.error.code, value.error.message]).toEqual([
      78,
      'CONFIG_INVALID',
      expect.stringContaining('is not the key of the certificate in'),
    ]);
  });
});

function memoryLog() {
  const lines: string[] = [];
  return { log: pino({}, { write: (line: string) => void lines.push(line) }), lines };
}

function secured(port: number): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => resolve(socket));
    socket.on('error', reject);
  });
}

function fingerprintOf(socket: TLSSocket): string {
  return socket.getPeerCertificate().fingerprint256;
}

async function fingerprintAt(port: number): Promise<string> {
  const socket = await secured(port);
  const fingerprint = fingerprintOf(socket);
  socket.destroy();
  return fingerprint;
}

async function textOf(socket: TLSSocket): Promise<string> {
  let text = '';
  for await (const piece of socket) text += String(piece);
  return text;
}

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type App, openApp } from '../../../src/app.ts';
import { trustVariables } from '../../../src/cli/remote/trust-variables.ts';
import { type CliHome, cliHome } from '../../fakes/cli.ts';
import { selfSigned } from '../../security/self-signed.ts';

let home: CliHome;
let app: App;
const before = process.env.NODE_EXTRA_CA_CERTS;
beforeEach(() => {
  home = cliHome();
  app = openApp(home.env);
  delete process.env.NODE_EXTRA_CA_CERTS;
});
afterEach(() => {
  app.close();
  home.remove();
  if (before === undefined) delete process.env.NODE_EXTRA_CA_CERTS;
  else process.env.NODE_EXTRA_CA_CERTS = before;
});

const enrolled = (certificate: string | null) => ({
  agentId: 'builder',
  serverUrl: 'https://127.0.0.1:8400',
  fingerprint: certificate === null ? null : '0'.repeat(64),
  certificate,
  providers: ['anthropic'],
  keyFile: null,
  enrollmentId: null,
  code: 'KTRW-QZXD',
  createdAtMs: 1_000,
});

it('programs trust a certificate that is signed by itself, beside what they trusted before', async () => {
  const { cert } = selfSigned();
  const path = join(home.stateDir, 'enrolled', 'builder.pem');
  expect(await trustVariables(app, enrolled(cert))).toEqual({ NODE_EXTRA_CA_CERTS: path });
  expect([readFileSync(path, 'utf8'), statSync(path).mode & 0o777]).toEqual([cert, 0o600]);
  const other = join(home.directory, 'corporate.pem');
  writeFileSync(other, selfSigned('10.0.0.1').cert);
  process.env.NODE_EXTRA_CA_CERTS = other;
  await trustVariables(app, enrolled(cert));
  expect(readFileSync(path, 'utf8')).toBe(cert + readFileSync(other, 'utf8'));
});

it('programs are told of nobody who signed a server’s certificate', async () => {
  const { cert } = selfSigned('127.0.0.1', 86_400_000, 'Somebody Else');
  expect(await trustVariables(app, enrolled(cert))).toEqual({});
  expect(await trustVariables(app, enrolled(null))).toEqual({});
});

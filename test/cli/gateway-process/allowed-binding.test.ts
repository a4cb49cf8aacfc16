import { describe, expect, it } from 'vitest';
import { assertAllowedBinding } from '../../../src/cli/gateway-process/allowed-binding.ts';
import { configFromText } from '../../../src/config/load.ts';

const gateway = (settings: object) =>
  configFromText('/x/moltbot.json', JSON.stringify({ gateway: settings }), {}).config.gateway;
const tls = { certFile: '/c.pem', keyFile: '/k.pem' };

describe('where the gateway may listen', () => {
  it.each(['127.0.0.1', '127.8.9.1', '::1', '[::1]', 'localhost'])('on %s always', (host) => {
    expect(() => assertAllowedBinding(host, gateway({}))).not.toThrow();
  });

  it('beyond this machine only with named hosts and a protected way', () => {
    const hosts = { allowedHosts: ['box.lan'] };
    expect(() => assertAllowedBinding('0.0.0.0', gateway({ ...hosts, tls }))).not.toThrow();
    expect(() => assertAllowedBinding('100.64.0.1', gateway({ ...hosts, trustedOverlay: 'tailscale' }))).not.toThrow();
    expect(() => assertAllowedBinding('0.0.0.0', gateway(hosts))).toThrow(
      /without gateway\.tls or gateway\.trustedOverlay\.$/,
    );
    expect(() => assertAllowedBinding('0.0.0.0', gateway({ tls }))).toThrow(/without gateway\.allowedHosts\.$/);
    expect(() => assertAllowedBinding('::ffff:10.0.0.1', gateway({}))).toThrow();
  });

  it('beyond this machine with the management API only with hosts of its own', () => {
    const own = (allowedHosts: string[]) => ({ key: 'management.http.allowedHosts', allowedHosts });
    const hosts = { allowedHosts: ['box.lan'], tls };
    expect(() => assertAllowedBinding('127.0.0.1', gateway({}), own([]))).not.toThrow();
    expect(() => assertAllowedBinding('0.0.0.0', gateway({ tls }), own(['admin.lan']))).not.toThrow();
    expect(() => assertAllowedBinding('0.0.0.0', gateway(hosts), own([]))).toThrow(
      /without management\.http\.allowedHosts\.$/,
    );
    expect(() => assertAllowedBinding('0.0.0.0', gateway({}), own(['admin.lan']))).toThrow(
      /without gateway\.tls or gateway\.trustedOverlay\.$/,
    );
  });
});

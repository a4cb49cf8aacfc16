import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sharedSocketPath, socketPath } from '../../src/config/socket-path.ts';
import { createListener } from '../../src/gateway/listener.ts';
import { listenOnSocket } from '../../src/management/server/listen-on-socket.ts';
import { TestManagement } from '../fakes/test-management.ts';
import { selfSigned } from '../security/self-signed.ts';

const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);

/** A certificate in files, as the configuration names it. */
function tlsFiles(dir: string): { certFile: string; keyFile: string } {
  const { cert, key } = selfSigned();
  const files = { certFile: join(dir, 'cert.pem'), keyFile: join(dir, 'key.pem') };
  writeFileSync(files.certFile, cert);
  writeFileSync(files.keyFile, key, { mode: 0o600 });
  return files;
}

describe('the management socket', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'moltbot-socket-'));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));
  const server = () => createListener((_, response) => void response.end('ours'), undefined);
  const closed = (listening: ReturnType<typeof server>) => new Promise((resolve) => listening.close(resolve));

  it('is for its owner only, in a directory for its owner only, whatever the umask', async () => {
    const before = process.umask(0);
    await using world = await TestManagement.start();
    process.umask(before);
    expect(world.management.socket).toBe(join(world.home, 'management.sock'));
    expect([mode(world.management.socket), mode(world.home)]).toEqual(['600', '700']);
  });

  it('takes the place of one that a killed gateway left', async () => {
    const path = join(dir, 'management.sock');
    const killed = createServer().listen(path);
    await new Promise((resolve) => killed.once('listening', resolve));
    // A socket whose listener is gone stays as a file.
    const listening = server();
    await listenOnSocket(listening, path, undefined);
    expect(statSync(path).isSocket()).toBe(true);
    await closed(listening);
    await new Promise((resolve) => killed.close(resolve));
  });

  it('does not take the place of anything else', async () => {
    const path = join(dir, 'management.sock');
    writeFileSync(path, 'mine', { mode: 0o600 });
    await expect(listenOnSocket(server(), path, undefined)).rejects.toMatchObject({ code: 'NOT_PERMITTED' });
    expect(readFileSync(path, 'utf8')).toBe('mine');
    rmSync(path);
    symlinkSync(join(dir, 'elsewhere'), path);
    await expect(listenOnSocket(server(), path, undefined)).rejects.toMatchObject({ code: 'NOT_PERMITTED' });
    const linked = join(dir, 'linked');
    mkdirSync(join(dir, 'real'), { mode: 0o700 });
    symlinkSync(join(dir, 'real'), linked);
    await expect(listenOnSocket(server(), join(linked, 'x.sock'), undefined)).rejects.toMatchObject({
      code: 'NOT_PERMITTED',
    });
  });

  it('may be for a group, which is then in no other directory of ours', async () => {
    const [name, , gid] = readFileSync('/etc/group', 'utf8').split('\n')[0]!.split(':') as [string, string, string];
    const path = join(dir, 'shared', 'management.sock');
    const listening = server();
    await listenOnSocket(listening, path, name);
    expect([mode(path), mode(dirname(path)), statSync(path).gid]).toEqual(['660', '750', Number(gid)]);
    await closed(listening);
    await expect(listenOnSocket(server(), path, 'no-such-group')).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });

  it('is in a directory of its own where its path would be too long for a socket', () => {
    const long = `/home/${'x'.repeat(90)}`;
    expect(socketPath('/home/me/.moltbot', {})).toBe('/home/me/.moltbot/management.sock');
    const runtime = socketPath(long, { XDG_RUNTIME_DIR: '/run/user/1000' });
    expect(runtime).toMatch(/^\/run\/user\/1000\/moltbot-[0-9a-f]{16}\/management\.sock$/);
    expect(socketPath(`${long}y`, { XDG_RUNTIME_DIR: '/run/user/1000' })).not.toBe(runtime);
    expect(sharedSocketPath(long, { XDG_RUNTIME_DIR: '/run/user/1000' })).toBe(runtime);
    expect(socketPath(long, { XDG_RUNTIME_DIR: 'relative' }).startsWith(tmpdir())).toBe(true);
  });
});

describe('the management listeners', () => {
  it('are the socket alone unless the configuration says otherwise', async () => {
    await using world = await TestManagement.start({ config: { management: {} } });
    expect(world.management.url).toBeUndefined();
    expect((await world.socket.get('/credentials')).status).toBe(200);
  });

  it('speak TLS with the gateway’s certificate', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'moltbot-tls-'));
    try {
      await using world = await TestManagement.start({
        config: { gateway: { tls: tlsFiles(dir) }, management: { http: { port: 0 } } },
      });
      expect(world.management.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });

  it('answer HEAD as GET without a body, 405 with the methods there are, and 404', async () => {
    await using world = await TestManagement.start();
    const head = await world.socket.call('HEAD', '/credentials');
    expect([head.status, head.body]).toEqual([200, undefined]);
    const wrong = await world.socket.call('PUT', '/credentials', { body: {} });
    expect([wrong.status, wrong.headers.allow, wrong.body]).toEqual([
      405,
      'GET, HEAD, POST',
      { detail: 'This path is not served with that method. Use GET, HEAD, POST.' },
    ]);
    const empty = await world.socket.call('DELETE', '/credentials');
    expect([empty.status, empty.body]).toEqual([405, wrong.body]);
    const nothing = await world.socket.get('/nothing');
    expect([nothing.status, nothing.body]).toEqual([
      404,
      { detail: 'There is nothing at this path. See what there is: GET /api/v1/openapi.json' },
    ]);
  });

  it('take X-Organization-ID and do nothing with it', async () => {
    await using world = await TestManagement.start();
    const { status, body } = await world.socket.get('/credentials', { headers: { 'X-Organization-ID': 'acme' } });
    expect([status, body]).toEqual([200, { items: [], nextCursor: null }]);
  });

  it('say that the configuration is broken, and serve again once it is mended', async () => {
    await using world = await TestManagement.start();
    writeFileSync(join(world.home, 'moltbot.json'), '{ broken', { mode: 0o600 });
    const broken = await world.socket.get('/integrations/llm-providers');
    expect([broken.status, broken.headers['x-moltbot-error']]).toEqual([500, 'CONFIG_INVALID']);
    world.writeConfig({});
    expect((await world.socket.get('/integrations/llm-providers')).status).toBe(200);
  });

  it('leave no socket behind when they stop', async () => {
    const world = await TestManagement.start();
    const { socket } = world.management;
    await world.management.stop();
    expect(statSync(socket, { throwIfNoEntry: false })).toBeUndefined();
    await world[Symbol.asyncDispose]();
  });
});

import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Guard } from '../../src/agents/guard.ts';
import { Secret } from '../../src/core/secret.ts';
import { Database } from '../../src/database/database.ts';
import { findCanary } from '../fakes/canary.ts';
import { CheckedClient } from '../fakes/checked-client.ts';
import { type CliHome, cliHome, outputUntil, runCli, startCli } from '../fakes/cli.ts';
import { sendRequest } from '../fakes/raw-request.ts';

let home: CliHome;
beforeEach(() => {
  home = cliHome();
});
afterEach(() => home.remove());

const json = async (...args: string[]) => {
  const { code, stdout } = await runCli(home, ['admin', 'keys', ...args, '--json']);
  return { code, ...JSON.parse(stdout) };
};

describe('moltbot admin keys', () => {
  it('are made, shown once, listed, and end at once', async () => {
    const empty = await runCli(home, ['admin', 'keys', 'list']);
    expect([empty.code, empty.stdout]).toEqual([0, 'There are no admin keys. Make one: moltbot admin keys create\n']);
    const made = await runCli(home, ['admin', 'keys', 'create', '--role', 'owner', '--label', 'deploy']);
    expect([made.code, made.stdout]).toEqual([0, expect.stringMatching(/^mbm_[0-9A-Za-z]{49}\n$/)]);
    expect(made.stderr).toMatch(/^Made the admin key (adm_[0-9a-f]{20}) \(owner\) on \S+; it is shown once\.\n/);
    expect(findCanary(made.stdout.trim(), { directories: [home.directory] })).toEqual([]);
    const { items } = await json('list');
    expect(items).toEqual([
      {
        id: expect.any(String),
        role: 'owner',
        label: 'deploy',
        createdAt: expect.any(Number),
        lastUsedAt: null,
        revokedAt: null,
      },
    ]);
    expect(await json('revoke', items[0].id)).toMatchObject({ code: 0, id: items[0].id, revoked: true });
    expect(await json('revoke', items[0].id)).toMatchObject({ code: 0, revoked: false });
    expect(await json('revoke', 'adm_none')).toMatchObject({ code: 1, error: { code: 'ADMIN_KEY_NOT_FOUND' } });
    expect((await json('list')).items).toMatchObject([{ revokedAt: expect.any(Number) }]);
    expect((await json('create', '--role', 'king')).code).toBe(64);
  });

  it('are not made without the guard passphrase where one is set', async () => {
    await json('create');
    const database = Database.open(`${home.stateDir}/state.sqlite`);
    new Guard(database).set(new Secret('open up'));
    database.close();
    expect(await json('create')).toMatchObject({ code: 77, error: { code: 'GUARD_REFUSED' } });
    expect((await json('list')).items).toHaveLength(1);
  });

  it('open the management API over TCP, which is not the proxy and says where it is', async () => {
    await runCli(home, ['config', 'set', 'management.http', '{ port: 0 }']);
    const { key } = await json('create');
    const gateway = startCli(home, ['gateway', 'run', '--port', '0', '--json']);
    try {
      const { url } = JSON.parse(await outputUntil(gateway, /^}/m)) as { url: string };
      const status = JSON.parse((await runCli(home, ['gateway', 'status', '--json'])).stdout);
      expect(status).toMatchObject({ managementSocket: `${home.stateDir}/management.sock`, url });
      const { managementUrl } = status as { managementUrl: string };
      expect(managementUrl).not.toBe(url);
      const at = (place: string, path: string) => sendRequest(`${place}${path}`, { method: 'GET', token: key });
      expect((await at(managementUrl, '/api/v1/credentials')).status).toBe(200);
      expect((await at(managementUrl, '/v1/proxy/anthropic/v1/models')).status).toBe(404);
      expect((await at(url, '/v1/proxy/anthropic/v1/models')).status).toBe(401);
      expect((await at(url, '/api/v1/credentials')).status).toBe(404);
      const onSocket = await CheckedClient.connect({ socketPath: `${home.stateDir}/management.sock` });
      expect((await onSocket.get('bare:/credentials')).body).toEqual({ items: [], nextCursor: null });
    } finally {
      gateway.kill('SIGTERM');
      await once(gateway, 'exit');
    }
  });
});

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { performSteps } from '../../../src/cli/units/perform-steps.ts';
import { installSteps } from '../../../src/cli/units/system-steps.ts';
import { SYSTEM_ENVIRONMENT, systemUnit } from '../../../src/cli/units/system-unit.ts';
import { startSimulator } from '../../../src/simulator/simulator.ts';
import { outputUntil } from '../../fakes/cli.ts';
import { messages } from '../../security/cli-gateway.ts';

const PROGRAM = join(import.meta.dirname, '../../../bin/run.js');
const isRoot = process.getuid?.() === 0;
const has = (program: string) =>
  `${process.env.PATH}${delimiter}/usr/sbin`.split(delimiter).some((folder) => existsSync(join(folder, program)));
const modeOf = (path: string) => (lstatSync(path).mode & 0o777).toString(8);

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'moltbot-system-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('the system unit', () => {
  const unit = systemUnit({ command: ['/usr/bin/env', 'run.js', 'gateway', 'run'], environment: SYSTEM_ENVIRONMENT });

  it.runIf(has('systemd-analyze'))('has nothing that systemd does not know', () => {
    const file = join(root, 'moltbot.service');
    writeFileSync(file, unit);
    const checked = execFileSync('systemd-analyze', ['verify', file], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    expect(checked).toBe('');
    const analyzed = execFileSync('sh', ['-c', 'systemd-analyze verify "$1" 2>&1', 'sh', file], { encoding: 'utf8' });
    expect(analyzed.split('\n').filter((line) => line.includes('moltbot.service'))).toEqual([]);
  });

  it('runs as a user of its own, with the vault’s key outside the state directory', () => {
    const lines = unit.split('\n');
    expect(lines).toEqual(expect.arrayContaining(['User=moltbot', 'Group=moltbot', 'StateDirectoryMode=0700']));
    expect(lines).toContain('Environment="MOLTBOT_HOME=/var/lib/moltbot"');
    expect(lines).toContain('Environment="MOLTBOT_VAULT_KEY_FILE=/etc/moltbot/vault.key"');
    expect(
      lines.filter((line) => /^(NoNewPrivileges|ProtectSystem|ProtectHome|CapabilityBoundingSet)=/.test(line)),
    ).toEqual(['NoNewPrivileges=true', 'CapabilityBoundingSet=', 'ProtectSystem=strict', 'ProtectHome=true']);
  });
});

describe.runIf(isRoot && has('useradd'))('setting up a user of its own', () => {
  const install = () => performSteps(installSteps(process.execPath, PROGRAM), root);
  beforeEach(() => {
    mkdirSync(join(root, 'etc'));
    for (const [name, text] of [
      ['passwd', 'root:x:0:0:root:/root:/bin/sh\n'],
      ['group', 'root:x:0:\n'],
      ['shadow', 'root:*:1::::::\n'],
      ['gshadow', 'root:*::\n'],
    ] as const)
      writeFileSync(join(root, 'etc', name), text, { mode: 0o600 });
  });
  const idsOf = () =>
    readFileSync(join(root, 'etc/passwd'), 'utf8')
      .match(/^moltbot:x:(\d+):(\d+)::(.*)$/m)!
      .slice(1);
  const ownerOf = (path: string) => [lstatSync(join(root, path)).uid, lstatSync(join(root, path)).gid].map(String);

  it('makes user, directories, config and unit, each with its owner and mode, and leaves systemd’s part to systemd', () => {
    expect(install()).toEqual({ left: ['systemctl daemon-reload', 'systemctl enable --now moltbot.service'] });
    const [uid, gid, rest] = idsOf();
    expect(rest).toBe('/var/lib/moltbot:/usr/sbin/nologin');
    for (const path of ['var/lib/moltbot', 'etc/moltbot', 'var/lib/moltbot/moltbot.json'])
      expect([path, ...ownerOf(path)]).toEqual([path, uid, gid]);
    expect(
      ['var/lib/moltbot', 'etc/moltbot', 'var/lib/moltbot/moltbot.json'].map((path) => modeOf(join(root, path))),
    ).toEqual(['700', '700', '600']);
    expect(ownerOf('etc/systemd/system/moltbot.service')).toEqual(['0', '0']);
    expect(modeOf(join(root, 'etc/systemd/system/moltbot.service'))).toBe('644');
  });

  it('may be done again and keeps what is there', () => {
    install();
    const config = join(root, 'var/lib/moltbot/moltbot.json');
    writeFileSync(config, '{ gateway: { port: 8410 } }');
    const ids = idsOf();
    install();
    expect([readFileSync(config, 'utf8'), idsOf()]).toEqual(['{ gateway: { port: 8410 } }', ids]);
  });

  it('writes through no link that the user has put there', () => {
    install();
    const config = join(root, 'var/lib/moltbot/moltbot.json');
    const victim = join(root, 'victim');
    writeFileSync(victim, 'mine');
    rmSync(config);
    symlinkSync(victim, config);
    install();
    expect([readFileSync(victim, 'utf8'), lstatSync(victim).uid]).toEqual(['mine', 0]);
    rmSync(join(root, 'etc/moltbot'), { recursive: true });
    symlinkSync(root, join(root, 'etc/moltbot'));
    expect(install).toThrow('is not a directory');
  });
});

/** Two users that exist nowhere: the gateway's, and that of an agent which is in its group or not. */
const [GATEWAY, AGENT, GROUP] = [64_901, 64_902, 100];
const isReadableByAll = modeOf(PROGRAM).endsWith('4') || modeOf(PROGRAM).endsWith('5');

describe.runIf(isRoot && isReadableByAll)('a gateway with a user of its own', () => {
  it('whose id need not have a name, serves others and keeps state, key and socket from them; its group may use the socket', async () => {
    const group = readFileSync('/etc/group', 'utf8').match(new RegExp(`^(.*?):.*?:${GROUP}:`, 'm'))![1]!;
    const [stateDir, keyDir, runtimeDir] = ['state', 'key', 'run'].map((name) => join(root, name)) as [
      string,
      string,
      string,
    ];
    execFileSync('chmod', ['755', root]);
    for (const [path, mode] of [
      [stateDir, 0o700],
      [keyDir, 0o700],
      [runtimeDir, 0o755],
    ] as const) {
      mkdirSync(path, { mode });
      chownSync(path, GATEWAY, GROUP);
    }
    const config = join(stateDir, 'moltbot.json');
    writeFileSync(config, JSON.stringify({ vault: { kind: 'file' }, management: { socketGroup: group } }), {
      mode: 0o600,
    });
    chownSync(config, GATEWAY, GROUP);
    const env = {
      PATH: process.env.PATH!,
      HOME: stateDir,
      MOLTBOT_HOME: stateDir,
      MOLTBOT_VAULT_KEY_FILE: join(keyDir, 'vault.key'),
      XDG_RUNTIME_DIR: runtimeDir,
    };
    const asGateway = (...args: string[]) =>
      spawn(process.execPath, [PROGRAM, ...args], { env, cwd: root, uid: GATEWAY, gid: GROUP });
    const simulator = await startSimulator();
    onTestFinished(() => simulator.close());
    const onboard = asGateway('onboard', '--anthropic-api-key-stdin', '--base-url', simulator.url, '--json');
    onboard.stdin.end(simulator.issueKey('anthropic', 'walled'));
    expect(await once(onboard, 'close')).toEqual([0, null]);
    expect([modeOf(keyDir), modeOf(env.MOLTBOT_VAULT_KEY_FILE)]).toEqual(['700', '600']);
    const child = asGateway('gateway', 'run', '--port', '0', '--json');
    onTestFinished(() => void child.kill('SIGKILL'));
    const { url } = JSON.parse(await outputUntil(child, /\}\s*$/)) as { url: string };
    const { managementSocket } = JSON.parse(readFileSync(join(stateDir, 'gateway.json'), 'utf8')) as {
      managementSocket: string;
    };
    const { token } = JSON.parse(await outputUntil(asGateway('get', 'anthropic', '--json'), /\}\s*$/)) as {
      token: string;
    };
    const body = { model: 'claude-haiku-4-5', max_tokens: 20, messages: [{ role: 'user', content: 'Hi' }] };
    expect((await messages(url, token, body)).status).toBe(200);
    expect(await statusAs(AGENT, GROUP, managementSocket)).toBe('200');
    expect(await statusAs(AGENT, AGENT, managementSocket)).toBe('EACCES');
    const read = (path: string, gid: number) =>
      runAs(AGENT, gid, `require('node:fs').readdirSync(${JSON.stringify(path)})`);
    expect([await read(stateDir, GROUP), await read(keyDir, GROUP), await read(stateDir, AGENT)]).toEqual([
      'EACCES',
      'EACCES',
      'EACCES',
    ]);
    child.kill('SIGTERM');
    await once(child, 'exit');
  });
});

/** What another user gets when it asks the management API for its status. */
function statusAs(uid: number, gid: number, socketPath: string): Promise<string> {
  const options = { socketPath, path: '/api/v1/status', headers: { host: 'localhost' } };
  return runAs(
    uid,
    gid,
    `require('node:http').get(${JSON.stringify(options)}, (answer) => { console.log(answer.statusCode); process.exit(); }).on('error', say)`,
  );
}

async function runAs(uid: number, gid: number, code: string): Promise<string> {
  const script = `const say = (error) => console.log(error.code); try { ${code} } catch (error) { say(error); }`;
  const child = spawn(process.execPath, ['-e', script], { uid, gid, cwd: '/', env: {} });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  await once(child, 'close');
  return text.trim();
}

import { describe, expect, it } from 'vitest';
import { launchdPlist } from '../../../src/cli/units/launchd-plist.ts';
import { systemdUnit } from '../../../src/cli/units/systemd-unit.ts';

const service = {
  command: ['/opt/no de/bin/node', '/home/ann/100%/$x/run.js', 'gateway', 'run'],
  environment: { MOLTBOT_HOME: '/home/ann/"q"&<s>' },
};

describe('service definitions', () => {
  it('quotes paths for systemd and does not restart what would only fail again', () => {
    expect(systemdUnit(service)).toBe(`[Unit]
Description=moltbot gateway
After=network-online.target

[Service]
Type=simple
ExecStart="/opt/no de/bin/node" "/home/ann/100%%/$$x/run.js" "gateway" "run"
Environment="MOLTBOT_HOME=/home/ann/\\"q\\"&<s>"
Restart=on-failure
RestartSec=5
RestartPreventExitStatus=64 77 78
UMask=0077
NoNewPrivileges=true
TimeoutStopSec=60

[Install]
WantedBy=default.target
`);
  });

  it('escapes paths for launchd', () => {
    const plist = launchdPlist(service, '/home/ann/log');
    const strings = [...plist.matchAll(/<(?:string|key)>(.*?)<\/(?:string|key)>/g)].map((match) => match[1]);
    expect(strings).toEqual([
      'Label',
      'moltbot.gateway',
      'ProgramArguments',
      ...service.command,
      'EnvironmentVariables',
      'MOLTBOT_HOME',
      '/home/ann/"q"&amp;&lt;s&gt;',
      'RunAtLoad',
      'KeepAlive',
      'SuccessfulExit',
      'ThrottleInterval',
      'Umask',
      'StandardOutPath',
      '/home/ann/log',
      'StandardErrorPath',
      '/home/ann/log',
    ]);
  });
});

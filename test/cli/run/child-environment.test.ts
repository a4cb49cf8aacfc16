import { describe, expect, it } from 'vitest';
import { childEnvironment } from '../../../src/cli/run/child-environment.ts';

const ours = { ANTHROPIC_BASE_URL: 'http://127.0.0.1:1/v1/proxy/anthropic', ANTHROPIC_AUTH_TOKEN: 'mbt_x' };

describe('the environment of a program started by run', () => {
  it('has the gateway in place of every provider and vault variable, and says what went', () => {
    const parent = {
      PATH: '/bin',
      ANTHROPIC_API_KEY: 'sk-ant-sim-1',
      ANTHROPIC_AUTH_TOKEN: 'old',
      CLAUDE_CODE_OAUTH_TOKEN: 'sk-ant-oat01-sim-2',
      XAI_API_KEY: 'xai-sim-3',
      LOCAL_API_KEY: 'k',
      MOLTBOT_VAULT_KEY_FILE: '/k',
      MOLTBOT_VAULT_PASSPHRASE_FILE: '/p',
      MOLTBOT_HOME: '/home',
      EMPTY: undefined,
    };
    expect(childEnvironment(parent, { names: ['LOCAL_API_KEY'], keys: [] }, ours)).toEqual({
      env: { PATH: '/bin', MOLTBOT_HOME: '/home', ...ours },
      removed: [
        'ANTHROPIC_API_KEY',
        'CLAUDE_CODE_OAUTH_TOKEN',
        'LOCAL_API_KEY',
        'MOLTBOT_VAULT_KEY_FILE',
        'MOLTBOT_VAULT_PASSPHRASE_FILE',
        'XAI_API_KEY',
      ],
    });
  });

  it('loses a variable of any name that holds a key the config points at', () => {
    const parent = { WORK_KEY: 'sk-ant-sim-1', ANTHROPIC_CUSTOM_HEADERS: 'x-api-key: sk-ant-sim-1', TAG: 'blue' };
    expect(childEnvironment(parent, { names: [], keys: ['sk-ant-sim-1', ''] }, ours)).toEqual({
      env: { TAG: 'blue', ...ours },
      removed: ['ANTHROPIC_CUSTOM_HEADERS', 'WORK_KEY'],
    });
  });
});

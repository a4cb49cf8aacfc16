import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CLAUDE, plainClaude, QUESTION, QUIET } from './claude.ts';
import { ANSWER, Machine } from './machine.ts';

const SUCCESS = { code: 0, isError: false, status: null, text: ANSWER };

describe('Claude Code, connected by its own settings', () => {
  it('works with nothing in its environment, and has its file back byte for byte after --undo', async () => {
    await using machine = await Machine.start();
    const settings = join(machine.home.directory, '.claude', 'settings.json');
    const original = '{\n\t"includeCoAuthoredBy" : false,\r\n  "env": { "EDITOR": "vi" }\n}';
    mkdirSync(join(machine.home.directory, '.claude'));
    writeFileSync(settings, original);
    chmodSync(settings, 0o640);
    expect((await machine.cli(['gateway', 'start'])).code).toBe(0);
    expect(await machine.cli(['connect', 'claude', '--yes'])).toMatchObject({ code: 0 });
    expect(readFileSync(settings, 'utf8')).not.toContain('mbt_');
    expect(await plainClaude(machine.home.directory)).toMatchObject(SUCCESS);
    expect(machine.seen()).toEqual(['first stream 200']);
    expect(await machine.cli(['connect', 'claude', '--undo'])).toMatchObject({ code: 0 });
    expect([readFileSync(settings, 'utf8'), statSync(settings).mode & 0o777]).toEqual([original, 0o640]);
  });

  it('asks as the agent it was connected for, where there were no settings before', async () => {
    await using machine = await Machine.start();
    const settings = join(machine.home.directory, '.claude', 'settings.json');
    await addReviewer(machine);
    await machine.cli(['gateway', 'start']);
    await machine.cli(['connect', 'claude', '--agent', 'reviewer', '--yes']);
    expect(await plainClaude(machine.home.directory)).toMatchObject(SUCCESS);
    expect(machine.seen()).toEqual(['reviews stream 200']);
    await machine.cli(['connect', 'claude', '--undo']);
    expect(existsSync(settings)).toBe(false);
  });

  it('still runs with the token of another agent where "moltbot run" says so', async () => {
    await using machine = await Machine.start();
    await addReviewer(machine);
    await machine.cli(['gateway', 'start']);
    await machine.cli(['connect', 'claude', '--yes']);
    const { code, stderr } = await machine.cli(['run', '--agent', 'reviewer', '--', CLAUDE, ...QUESTION], {
      env: QUIET,
    });
    expect({ code, warned: stderr.includes('Warning') }).toEqual({ code: 0, warned: false });
    expect(machine.seen()).toEqual(['reviews stream 200']);
  });
});

/** An agent with an Anthropic key of its own. */
async function addReviewer(machine: Machine): Promise<void> {
  await machine.cli(['agents', 'add', 'reviewer']);
  const input = machine.simulator.issueKey('anthropic', 'reviews', 'api_key');
  const paste = ['models', 'auth', 'paste-api-key', '--provider', 'anthropic', '--agent', 'reviewer'];
  expect((await machine.cli(paste, { input })).code).toBe(0);
  machine.simulator.forgetRequests();
}

import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { DoctorContext, Finding } from './finding.ts';

/** Where people and clients put keys: shell files, shell histories, settings of coding agents. */
const FILES = [
  '.bashrc',
  '.bash_profile',
  '.bash_login',
  '.profile',
  '.zshrc',
  '.zprofile',
  '.zshenv',
  '.config/fish/config.fish',
  '.bash_history',
  '.zsh_history',
  '.claude/settings.json',
  '.claude/settings.local.json',
  '.claude.json',
  '.codex/config.toml',
  '.codex/auth.json',
  '.config/opencode/opencode.json',
  '.local/share/opencode/auth.json',
  '.continue/config.json',
  '.continue/config.yaml',
  '.aider.conf.yml',
  '.gemini/settings.json',
];

/** What is certainly a key, and whose. A simulator's keys open nothing and are left out. */
const KINDS: readonly (readonly [pattern: RegExp, what: string, provider: string])[] = [
  [/sk-ant-oat01-(?!sim-)[\w-]{40,}/, 'a setup-token', 'anthropic'],
  [/sk-ant-(?!sim-|oat01-)[\w-]{20,}/, 'an Anthropic key', 'anthropic'],
  [/xai-(?!sim-)[\w-]{20,}/, 'an xAI key', 'xai'],
  [/(?<![\w-])sk-(?!ant-|sim-)[\w-]{20,}/, 'an OpenAI key', 'openai'],
];

const LARGEST = 8 * 1024 * 1024;

/** Keys in clear text in the home directory, by file and line; never the key. */
export function checkStrayKeys({ home }: DoctorContext): Finding[] {
  const findings = FILES.flatMap((name) => keysIn(join(home, name)));
  if (findings.length > 0) return findings;
  return [{ check: 'stray keys', level: 'ok', message: 'No keys in shell files and client settings.' }];
}

function keysIn(file: string): Finding[] {
  return textOf(file)
    .split('\n')
    .flatMap((line, index) => {
      const kind = KINDS.find(([pattern]) => pattern.test(line));
      if (!kind) return [];
      const [, what, provider] = kind;
      const paste = what === 'a setup-token' ? 'paste-token' : 'paste-api-key';
      return [
        {
          check: 'stray keys',
          level: 'warning' as const,
          message: `${file}:${index + 1} holds ${what} in clear text.`,
          remedy: `Store it (moltbot models auth ${paste} --provider ${provider}), then delete that line.`,
          file,
          line: index + 1,
        },
      ];
    });
}

function textOf(file: string): string {
  try {
    return statSync(file).size > LARGEST ? '' : readFileSync(file, 'utf8');
  } catch {
    // Not there, or not for us to read: then it is not a place where we could find anything.
    return '';
  }
}

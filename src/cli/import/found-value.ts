import { Secret } from '../../core/secret.ts';
import type { FoundValue, ReadContext } from './find.ts';
import { isRecord, textOf } from './unknown-value.ts';

/**
 * How tools write "take it from the environment": `os.environ/NAME` (LiteLLM, docs.litellm.ai/docs/proxy/configs),
 * `${NAME}` and `$NAME` (claude-code-router's README, OpenClaw's `src/config/types.secrets.ts`), `secretref-env:NAME` and
 * `__env__:NAME` (older OpenClaw, same file).
 */
const VARIABLE = /^(?:os\.environ\/|secretref-env:|__env__:)(\w+)$|^\$\{(\w+)\}$|^\$([A-Z_][A-Z0-9_]*)$/;

const ENCRYPTED = /^(?:enc|encrypted|aes|age|gcm|v\d)[:_$]/i;

/** The credential that a value stands for; undefined where the file leaves it out. */
export function foundValue(value: unknown, context: ReadContext): FoundValue | undefined {
  if (isRecord(value)) return fromObject(value, context);
  const text = textOf(value);
  if (text === undefined) return undefined;
  const match = VARIABLE.exec(text);
  if (match) return fromVariable(match[1] ?? match[2] ?? match[3]!, context);
  if (ENCRYPTED.test(text)) return unusable(`is encrypted by ${context.tool}`);
  return { kind: 'secret', secret: new Secret(text) };
}

export function unusable(reason: string): FoundValue {
  return { kind: 'unusable', reason };
}

/** A subscription's login: why it is left where it is, with what to do instead. */
export function loginOf(provider: string): FoundValue {
  const instead = /anthropic|claude/.test(provider) ? '; make a token of its own with: claude setup-token' : '';
  const reason = `is a login with a refresh token (OAuth), which only one program can keep alive${instead}`;
  return { kind: 'unusable', reason, isLogin: true };
}

/** OpenClaw's references, `{ source: "env" | "file" | "exec" | …, provider, id }`, and encrypted payloads. */
function fromObject(value: Readonly<Record<string, unknown>>, context: ReadContext): FoundValue {
  const source = textOf(value.source);
  const id = textOf(value.id);
  if (source === 'env' && id !== undefined) return fromVariable(id, context);
  if (source !== undefined) return unusable(`is not in the file: ${context.tool} gets it by "${source}"`);
  if ('ciphertext' in value) return unusable(`is encrypted by ${context.tool}`);
  return unusable('is not a text');
}

function fromVariable(name: string, { variable, tool }: ReadContext): FoundValue {
  const text = textOf(variable(name));
  if (text !== undefined) return { kind: 'secret', secret: new Secret(text) };
  return unusable(`is the variable ${name}, which is not set here; run this where ${tool} runs`);
}

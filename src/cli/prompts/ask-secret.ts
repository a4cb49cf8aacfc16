import { MoltbotError } from '../../core/errors.ts';
import { Secret } from '../../core/secret.ts';
import { PasteBuffer, type PasteStep } from './paste-buffer.ts';

const PASTE_MARKS_ON = '\x1b[?2004h';
const PASTE_MARKS_OFF = '\x1b[?2004l';
const CLEAR_LINE = '\r\x1b[K';

/**
 * Asks for a secret on the terminal. Nothing of it is shown but its length, so that a person sees that a paste arrived.
 * Ctrl-C and the end of input fail with INTERRUPTED. Only with a TTY: see `hasTerminal`.
 */
export function askSecret(question: string): Promise<Secret> {
  const { stdin, stderr } = process;
  const buffer = new PasteBuffer();
  const show = () => {
    const { length } = buffer.text;
    stderr.write(`${CLEAR_LINE}${question} ${length === 0 ? '(hidden)' : `(${length} characters)`} `);
  };
  return new Promise((resolve, reject) => {
    const finish = (step: PasteStep) => {
      stdin.off('data', onData).off('end', onEnd);
      stdin.setRawMode(false).pause();
      stderr.write(`${PASTE_MARKS_OFF}\n`);
      if (step === 'done') resolve(new Secret(buffer.text));
      else reject(interrupted(step));
    };
    const onData = (chunk: string) => {
      const step = buffer.feed(chunk);
      if (step === 'more') show();
      else finish(step);
    };
    const onEnd = () => finish('ended');
    stdin.setEncoding('utf8').setRawMode(true).resume();
    stdin.on('data', onData).on('end', onEnd);
    stderr.write(PASTE_MARKS_ON);
    show();
  });
}

function interrupted(step: PasteStep): MoltbotError {
  return new MoltbotError(
    'INTERRUPTED',
    step === 'ended' ? 'The input ended; nothing was stored.' : 'Interrupted; nothing was stored.',
    { hint: 'Run the command again when you have the credential at hand.' },
  );
}

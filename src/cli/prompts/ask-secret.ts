import { MoltbotError } from '../../core/errors.ts';
import { Secret } from '../../core/secret.ts';
import type { PersonsTerminal } from './controlling-terminal.ts';
import { PasteBuffer, type PasteStep } from './paste-buffer.ts';

const PASTE_MARKS_ON = '\x1b[?2004h';
const PASTE_MARKS_OFF = '\x1b[?2004l';
const CLEAR_LINE = '\r\x1b[K';

type Terminal = Pick<PersonsTerminal, 'input' | 'output'>;

const STANDARD: Terminal = { input: process.stdin, output: process.stderr };

/**
 * Asks for a secret on the terminal (stdin and stderr, unless another is given). Nothing of it is shown but its length, so that a person sees that a paste arrived.
 * Ctrl-C and the end of input fail with INTERRUPTED. Only with a TTY: see `hasTerminal`.
 */
export function askSecret(question: string, terminal: Terminal = STANDARD): Promise<Secret> {
  const { input, output } = terminal;
  const buffer = new PasteBuffer();
  const show = () => {
    const { length } = buffer.text;
    output.write(`${CLEAR_LINE}${question} ${length === 0 ? '(hidden)' : `(${length} characters)`} `);
  };
  return new Promise((resolve, reject) => {
    const finish = (step: PasteStep) => {
      input.off('data', onData).off('end', onEnd);
      input.setRawMode(false).pause();
      output.write(`${PASTE_MARKS_OFF}\n`);
      if (step === 'done') resolve(new Secret(buffer.text));
      else reject(interrupted(step));
    };
    const onData = (chunk: string) => {
      const step = buffer.feed(chunk);
      if (step === 'more') show();
      else finish(step);
    };
    const onEnd = () => finish('ended');
    input.setEncoding('utf8').setRawMode(true).resume();
    input.on('data', onData).on('end', onEnd);
    output.write(PASTE_MARKS_ON);
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

import type { Hook } from '@oclif/core';
import { MoltbotError } from '../../core/errors.ts';
import { nearest } from '../../core/text.ts';

/**
 * A word that is no command. Only the part that names a known topic is repeated: the rest may be a secret that was typed
 * as an argument.
 */
const commandNotFound: Hook.CommandNotFound = async ({ id, config }) => {
  const words = id.split(':');
  const isTopic = (count: number) => config.topics.some((topic) => topic.name === words.slice(0, count).join(':'));
  const isKnown = (count: number) => isTopic(count) || config.commandIDs.includes(words.slice(0, count).join(':'));
  let known = words.length - 1;
  while (known > 0 && !isKnown(known)) known--;
  const prefix = words.slice(0, known).join(' ');
  const isCommand = config.commandIDs.includes(words.slice(0, known).join(':'));
  const names = [...config.commandIDs, ...config.topics.map((topic) => topic.name)];
  const siblings = names.filter((name) => name.startsWith(prefix.replaceAll(' ', ':')));
  const guess = nearest(words.slice(0, known + 1).join(':'), siblings);
  throw new MoltbotError(
    'UNKNOWN_COMMAND',
    isCommand
      ? `moltbot ${prefix} does not take that argument.`
      : `There is no such command${prefix ? ` under "moltbot ${prefix}"` : ''}.`,
    {
      hint:
        guess && !isCommand
          ? `Did you mean: moltbot ${guess.replaceAll(':', ' ')}`
          : `See what there is: moltbot ${prefix ? `${prefix} ` : ''}--help`,
    },
  );
};

export default commandNotFound;

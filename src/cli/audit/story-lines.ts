import type { StoryItem } from '../../status/story.ts';
import { dayOf, sentenceOf } from './sentence.ts';

/** Prints items as sentences, with a line for each day; gives the day of the last one, to go on from. */
export function printStory(
  items: readonly StoryItem[],
  print: (line: string) => void,
  lastDay?: string,
): string | undefined {
  let day = lastDay;
  for (const item of items) {
    if (dayOf(item.atMs) !== day) {
      day = dayOf(item.atMs);
      print(`${day} (UTC)`);
    }
    print(sentenceOf(item));
  }
  return day;
}

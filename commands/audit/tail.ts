import { setTimeout as sleep } from 'node:timers/promises';
import { Flags } from '@oclif/core';
import { printStory } from '../../src/cli/audit/story-lines.ts';
import { BaseCommand } from '../../src/cli/base-command.ts';
import { parseAgentId } from '../../src/core/ids.ts';
import {
  endOfStory,
  newestStory,
  type StoryItem,
  type StoryPlace,
  storyAfter,
  storyJson,
} from '../../src/status/story.ts';

const LOOK_EVERY_MS = 250;
const PAGE = 500;

export default class AuditTail extends BaseCommand {
  static override summary = 'The newest decisions and requests, and with --follow those to come.';
  static override examples = ['<%= config.bin %> audit tail', '<%= config.bin %> audit tail --follow --agent reviewer'];
  // One JSON object a line: a story that goes on has no end to print.
  static override enableJsonFlag = false;
  static override flags = {
    agent: Flags.string({ char: 'a', description: 'only what names this agent' }),
    follow: Flags.boolean({ char: 'f', description: 'go on with what is written from now on' }),
    lines: Flags.integer({ char: 'n', description: 'how many of the newest', default: 10, min: 0, max: 100_000 }),
    json: Flags.boolean({ description: 'one JSON object a line' }),
  };

  #lastDay: string | undefined;

  async run(): Promise<void> {
    const { flags } = await this.parse(AuditTail);
    const query = { agentId: flags.agent === undefined ? undefined : parseAgentId(flags.agent), limit: flags.lines };
    const place = this.#print(query, flags.json);
    if (flags.follow) await this.#follow(place, { ...query, limit: PAGE }, flags.json);
  }

  #print(query: { agentId: string | undefined; limit: number }, asJson: boolean): StoryPlace {
    const stores = this.app.storesForReading();
    if (!stores) {
      this.note('Nothing was written down yet. Start with: moltbot onboard');
      return { afterSeq: 0, afterId: 0 };
    }
    const { story, place } = stores.database.snapshot(() => ({
      story: newestStory(stores, query),
      place: endOfStory(stores),
    }));
    this.#show(story, asJson);
    return place;
  }

  async #follow(
    from: StoryPlace,
    query: { agentId: string | undefined; limit: number },
    asJson: boolean,
  ): Promise<void> {
    let place = from;
    for (;;) {
      await sleep(LOOK_EVERY_MS);
      const stores = this.app.storesForReading();
      if (!stores) continue;
      const more = storyAfter(stores, place, query);
      this.#show(more, asJson);
      for (const item of more) {
        place = item.kind === 'decision' ? { ...place, afterSeq: item.row.seq } : { ...place, afterId: item.row.id };
      }
    }
  }

  #show(story: readonly StoryItem[], asJson: boolean): void {
    if (asJson) for (const item of story) process.stdout.write(`${JSON.stringify(storyJson(item))}\n`);
    else this.#lastDay = printStory(story, (line) => this.log(line), this.#lastDay);
  }
}

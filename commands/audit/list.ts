import { Flags } from '@oclif/core';
import { sinceOf } from '../../src/cli/audit/since.ts';
import { printStory } from '../../src/cli/audit/story-lines.ts';
import { BaseCommand, jsonList } from '../../src/cli/base-command.ts';
import { parseAgentId } from '../../src/core/ids.ts';
import { newestStory, type StoryItem, storyJson } from '../../src/status/story.ts';

export default class AuditList extends BaseCommand {
  static override summary = 'What happened: every decision and every request that was let out, in order of time (UTC).';
  static override examples = [
    '<%= config.bin %> audit list',
    '<%= config.bin %> audit list --agent reviewer --since 24h --json',
  ];
  static override flags = {
    agent: Flags.string({ char: 'a', description: 'only what names this agent' }),
    since: Flags.string({ description: 'how far back (30m, 24h, 7d), or a time such as 2026-11-20T09:00Z' }),
    limit: Flags.integer({ char: 'n', description: 'how many of the newest', default: 50, min: 1, max: 100_000 }),
  };

  async run(): Promise<object> {
    const { flags } = await this.parse(AuditList);
    const sinceMs = flags.since === undefined ? undefined : sinceOf(flags.since, this.app.now());
    const agentId = flags.agent === undefined ? undefined : parseAgentId(flags.agent);
    const stores = this.app.storesForReading();
    const story = stores ? newestStory(stores, { agentId, sinceMs, limit: flags.limit }) : [];
    this.#print(story);
    return jsonList(story.map(storyJson));
  }

  #print(story: readonly StoryItem[]): void {
    if (story.length === 0) this.log('Nothing was written down there. See everything: moltbot audit list');
    printStory(story, (line) => this.log(line));
  }
}

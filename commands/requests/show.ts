import { Args } from '@oclif/core';
import { BaseCommand, jsonList } from '../../src/cli/base-command.ts';
import { requestText } from '../../src/cli/usage/request-text.ts';
import { MoltbotError } from '../../src/core/errors.ts';
import { requestJson } from '../../src/status/story.ts';

export default class RequestsShow extends BaseCommand {
  static override summary = 'Everything that is known of one request, attempt by attempt.';
  static override examples = ['<%= config.bin %> requests show mbr_0123456789abcdef'];
  static override args = {
    request: Args.string({ required: true, description: 'its id: x-moltbot-request-id in the answer, mbr_… in texts' }),
  };

  async run(): Promise<object> {
    const { args } = await this.parse(RequestsShow);
    const rows = this.app.storesForReading()?.ledger.ofRequest(args.request) ?? [];
    if (rows.length === 0) {
      throw new MoltbotError('REQUEST_NOT_FOUND', 'No request with that id was let out to a provider.', {
        hint: 'See the newest: moltbot requests. What became of one that was refused: moltbot why <id>',
      });
    }
    this.log(rows.map(requestText).join('\n\n'));
    return jsonList(rows.map(requestJson));
  }
}

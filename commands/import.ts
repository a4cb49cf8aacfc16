import { Args, Flags } from '@oclif/core';
import { agentFlag, agentOf, BaseCommand } from '../src/cli/base-command.ts';
import { filesWithKeys } from '../src/cli/import/files-with-keys.ts';
import {
  countItems,
  countLine,
  fileLine,
  importExitCode,
  itemJson,
  itemLines,
} from '../src/cli/import/import-report.ts';
import { IMPORT_TOOLS } from '../src/cli/import/import-tools.ts';
import { runImport } from '../src/cli/import/run-import.ts';
import { scrubSource } from '../src/cli/import/scrub-source.ts';
import { printable } from '../src/core/text.ts';
import { gatewayHost } from '../src/gateway/gateway-file.ts';

export default class Import extends BaseCommand {
  static override summary = 'Bring API keys and setup-tokens over from another tool, each tested before it is saved.';
  static override description =
    "Its files are left as they are unless --scrub-source is said. Logins with a refresh token (OAuth), and the tool's own keys for its clients, are not brought.";
  static override examples = [
    '<%= config.bin %> import openclaw --dry-run',
    '<%= config.bin %> import litellm --from ~/litellm/config.yaml --allow-origin https://llm.example.com',
    '<%= config.bin %> import claude-code-router --scrub-source --yes --json',
  ];
  static override args = {
    tool: Args.option({ options: IMPORT_TOOLS })({ required: true, description: 'whose keys' }),
  };
  static override flags = {
    ...agentFlag,
    from: Flags.string({ description: 'its file or directory, where that is not the usual one' }),
    'dry-run': Flags.boolean({ description: 'only say what would be brought; writes nothing, calls nobody' }),
    yes: Flags.boolean({ char: 'y', description: 'do not ask: neither about addresses nor about --scrub-source' }),
    'allow-origin': Flags.string({
      description: 'keys may go to this address; once for each',
      multiple: true,
      default: [],
    }),
    replace: Flags.boolean({ description: 'stored profiles of the same id give way' }),
    'skip-test': Flags.boolean({ description: 'store without asking the providers' }),
    'scrub-source': Flags.boolean({ description: 'ask, then take the brought keys out of its files' }),
    vault: Flags.option({
      options: ['keychain', 'file'] as const,
      description: 'where secrets rest; asked for once, then in the config',
    })(),
  };

  async run(): Promise<object> {
    const { args, flags } = await this.parse(Import);
    const agentId = agentOf(flags);
    const note = (line: string) => this.note(line);
    const options = {
      ...flags,
      agentId,
      dryRun: flags['dry-run'],
      origins: flags['allow-origin'],
      skipTest: flags['skip-test'],
      scrubSource: flags['scrub-source'],
    };
    const imported = await runImport(this.app, args.tool, options, note);
    const { sources, items, tool } = imported;
    for (const line of itemLines(items, this.app.config().config, this.app.now())) this.log(line);
    const { host, user } = gatewayHost();
    this.log(`${countLine(tool.displayName, countItems(items))} Agent ${agentId} on ${user}@${host}.`);
    const isScrubbing = options.scrubSource && !options.dryRun;
    const scrubbing = isScrubbing ? await scrubSource(this.app, imported, { agentId, yes: flags.yes, note }) : NOTHING;
    for (const path of scrubbing.scrubbed) this.log(`Took the keys out of ${printable(path)}`);
    for (const warning of scrubbing.warnings) note(warning);
    const files = filesWithKeys(sources.files, sources.finds);
    for (const file of files) this.log(fileLine(file));
    const mayScrub = items.some(({ status }) => status === 'brought' || status === 'present');
    if (files.length > 0 && mayScrub && !isScrubbing)
      this.log(`Take them out with: moltbot import ${args.tool} --scrub-source`);
    process.exitCode = importExitCode(items);
    return {
      schemaVersion: 1,
      tool: args.tool,
      agentId,
      dryRun: options.dryRun,
      ...countItems(items),
      items: items.map(itemJson),
      warnings: [...sources.warnings, ...scrubbing.warnings],
      scrubbedFiles: scrubbing.scrubbed,
      filesWithKeys: files,
      gatewayHost: host,
    };
  }
}

const NOTHING = { scrubbed: [], warnings: [] };

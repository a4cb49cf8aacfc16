import { claudeClient } from './claude-client.ts';
import type { Client, ClientId } from './client.ts';
import { codexClient } from './codex-client.ts';
import { opencodeClient } from './opencode-client.ts';

export const CLIENTS: Readonly<Record<ClientId, Client>> = {
  claude: claudeClient,
  codex: codexClient,
  opencode: opencodeClient,
};

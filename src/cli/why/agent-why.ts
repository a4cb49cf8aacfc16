import type { UnusableProfile } from '../../rotation/describe.ts';
import type { AgentPause } from '../../status/agent-pause.ts';

/** Why an agent can work or cannot, as `why --json` gives it. Times are epoch ms. */
export interface AgentWhy {
  readonly agentId: string;
  readonly usable: boolean;
  /** The first closed gate that stops its next request. */
  readonly gate: { readonly name: string; readonly why: string } | null;
  /** Every one that does, by name. */
  readonly stopping: readonly string[];
  /** Why it is shown as paused; null where it is not. */
  readonly pause: AgentPause | null;
  /** What happened last that explains it; of a usable agent the last request, where that went wrong. */
  readonly cause: { readonly at: number; readonly sentence: string } | null;
  /** When it may work without anybody doing anything. */
  readonly nextAt: number | null;
  /** Also those that leave another profile or model to go on with. */
  readonly unusableProfiles: readonly UnusableProfile[];
  /** What to type. */
  readonly command: string;
}

/** What stops an agent first, why, until when, and what to type. */
export type Stop = Pick<AgentWhy, 'cause' | 'nextAt' | 'command'> & { readonly gate: NonNullable<AgentWhy['gate']> };

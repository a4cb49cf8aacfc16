import { type Environment, effectiveEnvironment } from '../../config/environment.ts';
import type { Config } from '../../config/schema.ts';
import type { ServingRecord } from '../../profiles/serving-records.ts';
import type { Provider } from '../../providers/provider.ts';
import { providersOf } from '../../providers/registry.ts';
import { type EnvironmentKeys, environmentKeys, type Roster, rosterOf } from '../choose/roster.ts';

/**
 * The configuration of a running gateway and what is worked out from it and from the profiles, once per change and not
 * per request: providers, keys in the environment, who may serve whom.
 */
export class LiveConfig {
  readonly #processEnv: Environment;
  readonly #recordsOf: (agentId: string) => readonly ServingRecord[];
  readonly #rosters = new Map<string, Roster>();
  #config: Config;
  #providers: ReadonlyMap<string, Provider>;
  #env: Environment;
  #environmentKeys: EnvironmentKeys;
  #revision = 0;

  constructor(config: Config, processEnv: Environment, recordsOf: (agentId: string) => readonly ServingRecord[]) {
    this.#processEnv = processEnv;
    this.#recordsOf = recordsOf;
    this.#config = config;
    this.#providers = providersOf(config);
    this.#env = effectiveEnvironment(config, processEnv);
    this.#environmentKeys = environmentKeys(this.#providers, this.#env);
  }

  get config(): Config {
    return this.#config;
  }

  get providers(): ReadonlyMap<string, Provider> {
    return this.#providers;
  }

  /** The key in the environment for a provider, as the configuration's `env` now leaves it. */
  environmentKeyOf(providerId: string): string | undefined {
    const name = this.#environmentKeys.get(providerId)?.name;
    return name && this.#env[name];
  }

  /** Takes over a configuration that was checked; requests under way go on with what they have. */
  replace(config: Config): void {
    this.#providers = providersOf(config);
    this.#config = config;
    this.#env = effectiveEnvironment(config, this.#processEnv);
    this.#environmentKeys = environmentKeys(this.#providers, this.#env);
    this.#revision += 1;
    this.forgetRosters();
  }

  /** Profiles were added, replaced, granted or removed. */
  forgetRosters(): void {
    this.#rosters.clear();
  }

  rosterOf(agentId: string, provider: Provider): Roster {
    const key = `${agentId}/${provider.id}`;
    let roster = this.#rosters.get(key);
    if (!roster) {
      roster = rosterOf(
        {
          config: this.#config,
          providers: this.#providers,
          environmentKeys: this.#environmentKeys,
          revision: this.#revision,
          recordsOf: this.#recordsOf,
        },
        agentId,
        provider,
      );
      this.#rosters.set(key, roster);
    }
    return roster;
  }
}

import { hasReference } from '../../config/environment.ts';
import { forgetVersionsWith } from '../../config/versions.ts';
import { isUnstoredId } from '../../core/ids.ts';
import { Secret } from '../../core/secret.ts';
import { servingId, servingRecords } from '../../profiles/serving-records.ts';
import type { Provider } from '../../providers/provider.ts';
import { auditedEdit } from '../audited-edit.ts';
import { prepareCredential } from '../onboarding/prepare-credential.ts';
import { storeCredentials } from '../onboarding/store-credentials.ts';
import { chooseVault } from '../onboarding/vault-choice.ts';
import type { DoctorContext, Finding } from './finding.ts';

/** The config loads, names only what exists, and holds no credential. */
export function checkConfigFile(context: DoctorContext): Finding[] {
  const { path, exists } = context.app.config();
  const findings = [
    ...literalKeys(context),
    ...unsetReferences(context),
    ...unknownAgents(context),
    ...unknownProfiles(context),
  ];
  const message = exists ? `${path} is valid.` : `There is no ${path}; everything has its default.`;
  return [{ check: 'config', level: 'ok', message }, ...findings];
}

/** A credential that is written out under `env`. */
function literalKeys(context: DoctorContext): Finding[] {
  const { path, raw } = context.app.config();
  const env = Object.entries((raw.env ?? {}) as Record<string, string>);
  return [...context.app.providers().values()].flatMap((provider) =>
    env
      .filter(([name, value]) => provider.environmentNames.includes(name) && value !== '' && !hasReference(value))
      .map(([name, value]) => ({
        check: 'config',
        level: 'warning' as const,
        message: `${path} holds a key of ${provider.displayName} in clear text, under env.${name}.`,
        remedy: 'Move it into the vault: moltbot doctor --fix',
        file: path,
        fix: () => moveIntoVault(context, provider, name, new Secret(value)),
      })),
  );
}

/** Into the vault first, then out of the file, then out of its kept versions: at no moment is it nowhere. */
async function moveIntoVault(
  { app }: DoctorContext,
  provider: Provider,
  name: string,
  secret: Secret,
): Promise<string> {
  const taken = app
    .stores()
    .profiles.list('main')
    .map(({ profileId }) => profileId);
  const profileId = [`${provider.id}:default`, `${provider.id}:from-config`].find((id) => !taken.includes(id));
  if (!profileId)
    return `${provider.id}:default and :from-config exist already; remove env.${name} yourself: moltbot config edit`;
  const type = provider.credentials.find(({ pattern }) => pattern.test(secret.reveal()))?.type ?? 'api_key';
  const place = { agentId: 'main', provider, type, profileId, baseUrl: undefined, expiresInMs: undefined };
  const prepared = await prepareCredential(app, { ...place, secret }, { skipTest: true });
  await storeCredentials(app, [prepared], { vault: await chooseVault(app, undefined) });
  auditedEdit(app, [{ path: ['env', name], value: undefined }]);
  const forgotten = forgetVersionsWith(app.paths.versionsDir, secret.reveal());
  return `env.${name} is now profile ${profileId} of agent main; kept versions of the config with it: ${forgotten} deleted.`;
}

/** Values under `env` that refer to a variable which is not set here: they are left out of a copy. */
function unsetReferences({ app }: DoctorContext): Finding[] {
  const { env } = app.config().config;
  return Object.getOwnPropertyNames(env)
    .filter((name) => !Object.keys(env).includes(name))
    .map((name) => ({
      check: 'config',
      level: 'warning',
      message: `The config's env.${name} refers to a variable that is not set in this shell.`,
      remedy: `Set it where the gateway starts, or take it out: moltbot config unset env.${name}`,
    }));
}

function unknownAgents({ app }: DoctorContext): Finding[] {
  const stores = app.storesForReading();
  return app
    .config()
    .config.agents.list.filter(({ id }) => id !== 'main' && !stores?.agents.has(id))
    .map(({ id }) => ({
      check: 'config',
      level: 'warning',
      message: `The config has settings for an agent "${id}" that does not exist.`,
      remedy: `Add it: moltbot agents add ${id}`,
    }));
}

/** Profiles that an order or a pin names and nobody has stored. */
function unknownProfiles({ app }: DoctorContext): Finding[] {
  const { config } = app.config();
  const stores = app.storesForReading();
  const idsOf = (agentId: string) =>
    (stores ? servingRecords(stores.profiles, stores.grants, agentId) : []).map(servingId);
  const agents = [{ id: 'main', auth: config.auth }, ...config.agents.list.map(({ id, auth }) => ({ id, auth }))];
  return agents.flatMap(({ id: agentId, auth }) => {
    const ids = [...Object.values(auth?.order ?? {}).flat(), ...Object.values(auth?.pin ?? {})];
    const held = idsOf(agentId);
    return [...new Set(ids)]
      .filter((id) => !isUnstoredId(id) && !held.includes(id))
      .map((id) => ({
        check: 'config',
        level: 'warning' as const,
        message: `The config's auth settings name ${id}, which agent "${agentId}" does not have.`,
        remedy: `${wayTo(agentId, id)} or take it out: moltbot config edit`,
      }));
  });
}

function wayTo(agentId: string, id: string): string {
  const slash = id.indexOf('/');
  if (slash === -1) return `Add it (moltbot models auth add --profile-id ${id})`;
  return `Have it granted (moltbot models auth grant ${id.slice(slash + 1)} --agent ${id.slice(0, slash)} --to ${agentId})`;
}

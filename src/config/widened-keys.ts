type Raw = Readonly<Record<string, unknown>>;

/**
 * Settings that lead credentials or requests to other places, or let others in, and that a new text of the config sets or
 * changes: provider base URLs and their leave for private networks, the outgoing proxy and its trust, the
 * listeners, whether an agent may use keys of the gateway's environment, and the program and the place that get alerts.
 * Taking such a setting out is no widening. Both are configs as written.
 */
export function widenedKeys(before: Raw, after: Raw): string[] {
  const earlier = new Map(placesOf(before));
  return placesOf(after).flatMap(([key, value]) => (earlier.get(key) === value ? [] : [key]));
}

const SINGLE = [
  ['network', 'proxyUrl'],
  ['network', 'caFile'],
  ['gateway', 'host'],
  ['gateway', 'allowedHosts'],
  ['gateway', 'trustedOverlay'],
  ['management', 'http'],
  ['management', 'socketGroup'],
  ['alerts', 'command'],
  ['alerts', 'webhook'],
] as const;
const OF_PROVIDER = ['baseUrl', 'allowPrivateNetwork', 'allowRoutes'] as const;

/** Key and value, as text, of each that is set. */
function placesOf(raw: Raw): [string, string][] {
  const single = SINGLE.map(([group, name]) => [`${group}.${name}`, objectAt(raw, group)[name]] as const);
  const providers = Object.entries(objectAt(objectAt(raw, 'models'), 'providers')).flatMap(([id, provider]) =>
    OF_PROVIDER.map((name) => [`models.providers.${id}.${name}`, (provider as Raw)[name]] as const),
  );
  const agents = listOf(objectAt(raw, 'agents').list).map(
    (agent) => [`agents.list ${String(agent.id)} auth.env`, objectAt(agent, 'auth').env] as const,
  );
  return [...single, ...providers, ...agents].flatMap(([key, value]) =>
    value === undefined || value === false ? [] : [[key, JSON.stringify(value)]],
  );
}

function objectAt(raw: Raw, key: string): Raw {
  const value = raw[key];
  return typeof value === 'object' && value !== null ? (value as Raw) : {};
}

function listOf(value: unknown): readonly Raw[] {
  return Array.isArray(value) ? value.filter((each): each is Raw => typeof each === 'object' && each !== null) : [];
}

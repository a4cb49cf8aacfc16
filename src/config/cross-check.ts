import { nearest } from '../core/text.ts';
import { settingHeaderMistake, settingText } from '../providers/setting-headers.ts';
import { alertProblems } from './alert-problems.ts';
import { budgetProblems, type Report, zoneProblem } from './budget-problems.ts';
import { hasReference } from './environment.ts';
import { type Span, spanAt } from './json5-spans.ts';
import { aliasesOf, formatModelRef, parseModelRef, resolveModelRef } from './model-ref.ts';
import { formatPath } from './path.ts';
import type { Problem } from './problem.ts';
import type { Config, HeaderValue, ModelParams } from './schema.ts';

type Path = readonly (string | number)[];

/** Mistakes that one key alone does not show: names that lead nowhere, and names given twice. */
export function crossCheck(config: Config, spans: Span): Problem[] {
  const { defaults, list } = config.agents;
  const problem = (path: Path, what: string, fix: string): Problem => ({
    offset: spanAt(spans, path)?.start ?? spans.start,
    key: formatPath(path),
    what,
    fix,
  });
  return [
    ...modelChoices(config).flatMap(([path, text]) => modelProblem(config, path, text, problem)),
    ...modelKeys(['agents', 'defaults', 'models'], defaults.models, problem),
    ...list.flatMap((agent, index) => modelKeys(['agents', 'list', index, 'models'], agent.models ?? {}, problem)),
    ...modelKeys(['models', 'prices'], config.models.prices, problem),
    ...priceProblems(config, problem),
    ...aliasProblems(config, problem),
    ...budgetProblems(config, problem),
    ...zoneProblem(config, problem),
    ...alertProblems(config, problem),
    ...settingHeaders(config).flatMap(([path, name, value]) => {
      const mistake = hasReference(settingText(value)) ? undefined : settingHeaderMistake(name, value);
      return mistake ? [problem(path, `this header ${mistake}`, 'Remove the line.')] : [];
    }),
    ...list.flatMap(({ id }, index) =>
      list.findIndex((agent) => agent.id === id) === index
        ? []
        : [problem(['agents', 'list', index, 'id'], 'this agent is here twice', 'Merge the two entries.')],
    ),
    ...profileNames(config).flatMap(([path, provider, text]) =>
      text.startsWith(`${provider}:`) || text.includes(`/${provider}:`) || hasReference(text)
        ? []
        : [
            problem(
              path,
              `expected a profile of ${provider}`,
              `Write it as ${provider}:name, for example ${provider}:default.`,
            ),
          ],
    ),
  ];
}

function modelProblem(config: Config, path: Path, text: string, problem: Report): Problem[] {
  if (hasReference(text) || resolveModelRef(config, text)) return [];
  const guess = nearest(text, [...aliasesOf(config).keys()]);
  const fix = guess
    ? `Did you mean "${guess}"?`
    : 'Write provider/model, or give the alias: moltbot models aliases add --help';
  return [problem(path, 'expected provider/model or an alias', fix)];
}

function modelKeys(path: Path, models: Readonly<Record<string, unknown>>, problem: Report): Problem[] {
  return Object.keys(models).flatMap((key) =>
    parseModelRef(key)
      ? []
      : [problem([...path, key], 'expected provider/model as the key', 'Write the provider before it: anthropic/…')],
  );
}

/** Two spellings of one model would be two prices; a fourth decimal would be a fraction of a nano-dollar. */
function priceProblems(config: Config, problem: Report): Problem[] {
  const seen = new Set<string>();
  return Object.entries(config.models.prices).flatMap(([key, price]) => {
    const path = ['models', 'prices', key];
    const ref = parseModelRef(key);
    const name = ref ? formatModelRef(ref) : key;
    if (seen.has(name)) return [problem(path, 'this model has a price already', `Keep one of the two for ${name}.`)];
    seen.add(name);
    return Object.entries(price)
      .filter(([, figure = 0]) => Math.abs(figure * 1_000 - Math.round(figure * 1_000)) > 1e-6)
      .map(([field]) => problem([...path, field], 'expected at most three decimals', 'Round it: 0.125'));
  });
}

function aliasProblems(config: Config, problem: Report): Problem[] {
  const seen = new Set<string>();
  return Object.entries(config.agents.defaults.models).flatMap(([key, { alias }]) => {
    if (alias === undefined) return [];
    const path = ['agents', 'defaults', 'models', key, 'alias'];
    if (!/^[a-zA-Z0-9][a-zA-Z0-9._-]*$/.test(alias) || alias === 'default') {
      return [problem(path, 'expected a short name', 'Use letters, digits, dots and dashes; "default" is taken.')];
    }
    if (seen.has(alias)) return [problem(path, 'this alias is given twice', 'Give each model its own.')];
    seen.add(alias);
    return [];
  });
}

/** Every place where a person names a model, with what stands there. */
function modelChoices(config: Config): [Path, string][] {
  const { defaults, list } = config.agents;
  const places = [
    { at: ['agents', 'defaults'] as Path, ...defaults },
    ...list.map((agent, index) => ({ at: ['agents', 'list', index] as Path, ...agent })),
  ];
  return places.flatMap(({ at, model, features }) => [
    ...(model?.primary === undefined ? [] : [[[...at, 'model', 'primary'], model.primary] as [Path, string]]),
    ...(model?.fallbacks ?? []).map((text, index): [Path, string] => [[...at, 'model', 'fallbacks', index], text]),
    ...Object.entries(features ?? {}).map(([name, choice]): [Path, string] => [
      [...at, 'features', name, 'model'],
      choice.model,
    ]),
  ]);
}

/** Every place where a person names a profile: the path, the provider it must belong to, and the text. */
function profileNames(config: Config): [Path, string, string][] {
  const places = [
    { at: ['auth'] as Path, auth: config.auth },
    ...config.agents.list.map(({ auth }, index) => ({ at: ['agents', 'list', index, 'auth'] as Path, auth })),
  ];
  return places.flatMap(({ at, auth }) => [
    ...Object.entries(auth?.order ?? {}).flatMap(([provider, ids]) =>
      ids.map((text, index): [Path, string, string] => [[...at, 'order', provider, index], provider, text]),
    ),
    ...Object.entries(auth?.pin ?? {}).map(([provider, text]): [Path, string, string] => [
      [...at, 'pin', provider],
      provider,
      text,
    ]),
  ]);
}

/** Every header a person sets: the path, its name and value. */
function settingHeaders(config: Config): [Path, string, HeaderValue][] {
  const models = (at: Path, entries: Readonly<Record<string, { params?: ModelParams | undefined }>> = {}) =>
    Object.entries(entries).map(([key, { params }]) => ({
      at: [...at, key, 'params', 'headers'],
      headers: params?.headers,
    }));
  const places: { at: Path; headers: Readonly<Record<string, HeaderValue>> | undefined }[] = [
    ...Object.entries(config.models.providers).map(([id, { headers }]) => ({
      at: ['models', 'providers', id, 'headers'],
      headers,
    })),
    ...models(['agents', 'defaults', 'models'], config.agents.defaults.models),
    ...config.agents.list.flatMap((agent, index) => models(['agents', 'list', index, 'models'], agent.models)),
  ];
  return places.flatMap(({ at, headers }) =>
    Object.entries(headers ?? {}).map(([name, value]): [Path, string, HeaderValue] => [[...at, name], name, value]),
  );
}

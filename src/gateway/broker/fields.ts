import * as v from 'valibot';
import { canonicalModel } from '../../agents/decide.ts';
import { ROUTE_NAMES, tokenBudgetSchema } from '../../agents/policy.ts';
import { isProviderId, parseAgentId } from '../../core/ids.ts';
import { printable } from '../../core/text.ts';

/** Text from outside that people will read: no control characters, no marks that turn its direction. */
const plain = (most: number) =>
  v.pipe(
    v.string(),
    v.minLength(1),
    v.maxLength(most),
    v.check((text) => printable(text) === text),
  );

const count = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1_000_000));
const providers = v.pipe(v.array(v.pipe(v.string(), v.check(isProviderId))), v.minLength(1), v.maxLength(50));
/** With its provider: a bare name would be on a list and allow nothing. */
const model = v.pipe(
  plain(200),
  v.check((text) => canonicalModel(text) !== undefined),
);
const models = v.pipe(v.array(model), v.minLength(1), v.maxLength(200));

/** What a token is asked for with; whatever is left out stays as the agent has it. `ttl` is judged by itself. */
export const tokenFields = v.strictObject({
  ttl: v.optional(v.unknown()),
  providers: v.optional(providers),
  models: v.optional(models),
  routes: v.optional(v.pipe(v.array(v.picklist(ROUTE_NAMES)), v.minLength(1))),
  uses: v.optional(count),
  requestsPerMinute: v.optional(count),
  concurrency: v.optional(count),
  budget: v.optional(tokenBudgetSchema),
  label: v.optional(plain(100)),
  /** The only profile that may serve. */
  profile: v.optional(plain(200)),
});

export const renewFields = v.strictObject({ ttl: v.optional(v.unknown()) });

export const enrollmentFields = v.strictObject({
  name: v.pipe(v.string(), v.check(isAgentId)),
  providers,
  models: v.optional(models),
  reason: v.optional(plain(300), 'none given'),
});

function isAgentId(text: string): boolean {
  try {
    parseAgentId(text);
    return true;
  } catch {
    // Its error is for a command line; the field's name says enough here.
    return false;
  }
}

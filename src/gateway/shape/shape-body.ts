import type { CacheTtl } from '../../catalog/model-price.ts';
import type { ModelParams } from '../../config/schema.ts';
import type { CredentialType, RoutePurpose } from '../../providers/provider.ts';
import { cacheTtlSplices } from './cache-ttl.ts';
import { modelSplices } from './model.ts';
import { type ParamContext, paramSplices } from './params.ts';
import type { RequestFacts } from './request-facts.ts';
import { applySplices, type Splice } from './splice.ts';

/** Parameters of a model in which `auto` has become what was chosen. */
export interface ChosenParams extends Omit<ModelParams, 'cacheControlTtl'> {
  readonly cacheControlTtl?: CacheTtl | undefined;
}

/** What settings ask of one request's body, for the profile that will serve it. */
export interface ShapePlan extends ParamContext {
  readonly purpose: RoutePurpose;
  /** The wire id; undefined leaves the client's. */
  readonly model: string | undefined;
  readonly credentialType: CredentialType;
  readonly params: ChosenParams;
  /** Put in by `chatUsageSplice`. */
  readonly usage: Splice | undefined;
}

/** The body as it goes upstream: the same Buffer when no setting asks for a change. */
export function shapeBody(body: Buffer, facts: RequestFacts, plan: ShapePlan): Buffer {
  const { control } = facts;
  if (!control) return body;
  const ttl = plan.format === 'anthropic-messages' ? plan.params.cacheControlTtl : undefined;
  return applySplices(body, [
    ...(plan.purpose === 'generate' ? paramSplices(body, facts, plan.params, plan) : []),
    ...modelSplices(facts, plan.model),
    ...(plan.usage ? [plan.usage] : []),
    // A subscription decides the lifetime of its cache itself: its marks are never touched.
    ...(ttl && plan.credentialType === 'api_key' ? cacheTtlSplices(body, control, ttl) : []),
  ]);
}

import * as v from 'valibot';
import { approveEnrollment, denyEnrollment } from '../../agents/change-enrollments.ts';
import { type Enrollment, EnrollmentStore } from '../../agents/enrollment-store.ts';
import { pageFrom, pageOf, pageQuery } from '../server/page.ts';
import { route } from '../server/route.ts';
import { policyInput, policySchema } from './shapes/agent-shape.ts';

const enrollmentSchema = v.strictObject({
  id: v.string(),
  /** What the one who asks sees, too. */
  code: v.string(),
  name: v.string(),
  providers: v.array(v.string()),
  models: v.nullable(v.array(v.string())),
  reason: v.string(),
  source: v.string(),
  digest: v.string(),
  askedAt: v.number(),
  expiresAt: v.number(),
});

const { providers, models } = policyInput.entries;
const shownToPerson = {
  enrollmentId: v.pipe(v.string(), v.regex(/^enr_[0-9a-f]{20}$/, 'Expected the id of an enrolment')),
  /** Of what the person was shown: anything else is a conflict. */
  digest: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'Expected the digest of an enrolment')),
};

/** Agents elsewhere that ask to be let in, and the decisions about them. */
export const enrollmentRoutes = [
  route({
    method: 'GET',
    path: '/enrollments',
    summary: 'List the enrolments that wait for a decision, oldest first.',
    role: 'admin',
    query: v.strictObject(pageQuery),
    answers: { 200: pageOf(enrollmentSchema) },
    handle({ management: { stores, now }, query, reply }) {
      const pending = new EnrollmentStore(stores.database).pending(now());
      const { items, nextCursor } = pageFrom(pending, query, ({ id }) => id);
      return reply(200, { items: items.map(shown), nextCursor });
    },
  }),
  route({
    method: 'POST',
    path: '/approvals',
    summary: 'Approve an enrolment as it was shown, or less of it, or deny it.',
    role: 'admin',
    widens: ({ body }) => (body.decision === 'approve' ? 'let an agent in' : undefined),
    body: v.variant('decision', [
      v.strictObject({ decision: v.literal('approve'), ...shownToPerson, providers, models }),
      v.strictObject({ decision: v.literal('deny'), ...shownToPerson }),
    ]),
    answers: {
      200: v.strictObject({
        decision: v.picklist(['approve', 'deny']),
        agentId: v.string(),
        /** What it may do now; null where it was denied. */
        policy: v.nullable(policySchema),
      }),
    },
    errors: [400, 404, 409],
    handle({ management: { stores }, by, body, reply }) {
      const shownOne = { id: body.enrollmentId, digest: body.digest };
      if (body.decision === 'deny') {
        const { name } = denyEnrollment(stores, shownOne, by);
        return reply(200, { decision: 'deny', agentId: name, policy: null });
      }
      const allowed = { providers: body.providers, models: body.models };
      const { enrollment, policy } = approveEnrollment(stores, shownOne, allowed, by);
      return reply(200, { decision: 'approve', agentId: enrollment.name, policy });
    },
  }),
];

function shown(enrollment: Enrollment): v.InferOutput<typeof enrollmentSchema> {
  const { id, code, name, providers, models, reason, source, digest, createdAtMs, expiresAtMs } = enrollment;
  const wanted = { providers: [...providers], models: models && [...models] };
  return { id, code, name, ...wanted, reason, source, digest, askedAt: createdAtMs, expiresAt: expiresAtMs };
}

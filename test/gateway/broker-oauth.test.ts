import {
  allowInsecureRequests,
  ClientSecretBasic,
  ClientSecretPost,
  clientCredentialsGrantRequest,
  discoveryRequest,
  processClientCredentialsResponse,
  processDiscoveryResponse,
  ResponseBodyError,
} from 'oauth4webapi';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rotateAgentKey } from '../../src/agents/change-agent-keys.ts';
import { pauseAgent, resumeAgent } from '../../src/agents/change-agents.ts';
import { booksOver } from '../fakes/agent-books.ts';
import { findCanary } from '../fakes/canary.ts';
import { TestGateway } from '../fakes/test-gateway.ts';

const insecure = { [allowInsecureRequests]: true };
let gateway: TestGateway;
let secret: string;
beforeAll(async () => {
  gateway = await TestGateway.start({ profiles: [{ name: 'own', agentId: 'reviewer' }] });
  gateway.agents.change('reviewer', { policy: { providers: ['anthropic', 'openai'] } });
  secret = newSecret();
});
afterAll(() => gateway[Symbol.asyncDispose]());

const by = () => ({ actor: 'person:ann', nowMs: gateway.now() }) as const;
const newSecret = (graceMs = 0) =>
  rotateAgentKey(booksOver(gateway.database), 'reviewer', { kind: 'client_secret', graceMs }, by()).key.reveal();

async function server() {
  const issuer = new URL(gateway.url);
  const found = await discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure });
  return processDiscoveryResponse(issuer, found);
}

async function grant(how: typeof ClientSecretBasic, parameters: Record<string, string> = {}, given = secret) {
  const as = await server();
  const client = { client_id: 'reviewer' };
  const response = await clientCredentialsGrantRequest(as, client, how(given), parameters, insecure);
  return processClientCredentialsResponse(as, client, response);
}

async function refusalOf(work: Promise<unknown>) {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return error instanceof ResponseBodyError ? [error.status, error.error] : String(error);
}

async function send(body: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${gateway.url}/oauth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body,
  });
  return { status: response.status, headers: response.headers, answer: (await response.json()) as { error: string } };
}

describe('OAuth client credentials, with a real client library', () => {
  it('are found by their metadata', async () => {
    expect(await server()).toEqual({
      issuer: gateway.url,
      token_endpoint: `${gateway.url}/oauth/token`,
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
      grant_types_supported: ['client_credentials'],
      response_types_supported: [],
      scopes_supported: ['provider:anthropic', 'provider:openai', 'provider:xai'],
    });
  });

  it.each([
    ['Basic', ClientSecretBasic],
    ['the body', ClientSecretPost],
  ])('by %s buy an access token that works at the proxy', async (_, how) => {
    const answer = await grant(how);
    expect(answer).toEqual({
      access_token: expect.stringMatching(/^mbt_/),
      token_type: 'bearer',
      expires_in: 600,
      scope: 'provider:anthropic provider:openai',
      accessor: expect.stringMatching(/^acc_/),
    });
    expect((await gateway.post({ token: answer.access_token })).status).toBe(200);
  });

  it('with a scope buy a token for that and nothing else', async () => {
    const scope = 'provider:openai model:openai/gpt-5-mini';
    const answer = await grant(ClientSecretBasic, { scope });
    expect(answer.scope).toBe(scope);
    const refused = await gateway.post({ token: answer.access_token });
    expect([refused.status, refused.headers.get('x-moltbot-error')]).toEqual([403, 'PROVIDER_NOT_ALLOWED']);
    expect(gateway.tokens.find(String(answer.accessor))?.policy).toEqual({ models: ['openai/gpt-5-mini'] });
    const other = await grant(ClientSecretBasic, { scope: 'model:anthropic/claude-opus-4-5' });
    const unnamed = await gateway.post({ token: other.access_token });
    expect([unnamed.status, unnamed.headers.get('x-moltbot-error')]).toEqual([403, 'MODEL_NOT_ALLOWED']);
    const any = await grant(ClientSecretBasic, { scope: 'model:anthropic/*' });
    expect((await gateway.post({ token: any.access_token })).status).toBe(200);
  });

  it('tell in their scope what is left of it, and are refused where nothing is', async () => {
    const policy = { providers: ['anthropic', 'openai'] };
    gateway.agents.change('reviewer', { policy: { ...policy, models: ['anthropic/claude-haiku-4-5', 'openai/*'] } });
    const scope = 'model:anthropic/* model:anthropic/claude-opus-4-5 model:openai/gpt-5-mini';
    expect((await grant(ClientSecretBasic, { scope })).scope).toBe(
      'provider:anthropic provider:openai model:anthropic/claude-haiku-4-5 model:openai/gpt-5-mini',
    );
    const none = grant(ClientSecretBasic, { scope: 'model:anthropic/claude-opus-4-5' });
    expect(await refusalOf(none)).toEqual([400, 'invalid_scope']);
    gateway.agents.change('reviewer', { policy });
  });

  it.each(['provider:xai', 'provider:nobody', 'admin', 'provider:', 'openid profile'])(
    'are refused the scope "%s"',
    async (scope) => {
      expect(await refusalOf(grant(ClientSecretBasic, { scope }))).toEqual([400, 'invalid_scope']);
    },
  );

  it('work through the grace time of a rotation, and not after it', async () => {
    const old = secret;
    secret = newSecret(60_000);
    expect((await grant(ClientSecretPost, {}, old)).token_type).toBe('bearer');
    gateway.move(60_001);
    const late = await send(`grant_type=client_credentials&client_id=reviewer&client_secret=${old}`);
    expect([late.status, late.answer.error]).toEqual([401, 'invalid_client']);
    expect((await grant(ClientSecretPost)).token_type).toBe('bearer');
  });

  it('of a paused agent are refused with the reason', async () => {
    pauseAgent(booksOver(gateway.database), 'reviewer', 'on holiday', by());
    const { status, headers, answer } = await send(
      `grant_type=client_credentials&client_id=reviewer&client_secret=${secret}`,
    );
    expect([status, answer.error, headers.get('x-moltbot-error')]).toEqual([
      400,
      'unauthorized_client',
      'AGENT_PAUSED',
    ]);
    resumeAgent(booksOver(gateway.database), 'reviewer', by());
  });

  it('leave no trace of the secret or the token', async () => {
    const answer = await grant(ClientSecretBasic);
    const texts = { log: gateway.logLines.join('\n') };
    for (const canary of [secret, answer.access_token])
      expect(findCanary(canary, { directories: [gateway.home], texts })).toEqual([]);
  });
});

describe('the token endpoint', () => {
  const basic = (id: string, password: string) => ({
    authorization: `Basic ${Buffer.from(`${id}:${password}`).toString('base64')}`,
  });

  it('refuses every wrong client alike: 401, invalid_client, a challenge, nothing to keep', async () => {
    const agentKey = rotateAgentKey(booksOver(gateway.database), 'reviewer', { kind: 'key', graceMs: 0 }, by());
    gateway.move(10_001);
    const wrong: Record<string, string>[] = [
      {},
      basic('main', secret),
      basic('reviewer', agentKey.key.reveal()),
      basic('reviewer', gateway.token),
      basic('reviewer', `${secret}x`),
      { authorization: `Bearer ${secret}` },
      { authorization: 'Basic %%%' },
    ];
    const seen = new Set<string>();
    for (const headers of wrong) {
      const refused = await send('grant_type=client_credentials', headers);
      seen.add(`${refused.status} ${JSON.stringify(refused.answer)}`);
      expect(refused.headers.get('www-authenticate')).toBe('Basic realm="moltbot"');
      expect(refused.headers.get('cache-control')).toBe('no-store');
      expect(refused.answer.error).toBe('invalid_client');
    }
    expect(seen.size).toBe(1);
  });

  it.each([
    ['both ways at once', (s: string) => [`grant_type=client_credentials&client_secret=${s}`, basic('reviewer', s)]],
    ['two client ids', (s: string) => ['grant_type=client_credentials&client_id=main', basic('reviewer', s)]],
    ['a parameter twice', () => ['grant_type=client_credentials&scope=provider%3Aopenai&scope=provider%3Axai', {}]],
  ] as const)('refuses %s as an invalid request', async (_, make) => {
    const [body, headers] = make(secret);
    const { status, answer } = await send(body as string, headers as Record<string, string>);
    expect([status, answer.error]).toEqual([400, 'invalid_request']);
  });

  it.each(['', 'grant_type=password', 'grant_type=refresh_token&refresh_token=x'])(
    'serves no other grant than client credentials: "%s"',
    async (body) => {
      const { status, answer } = await send(body, basic('reviewer', secret));
      expect([status, answer.error]).toEqual([400, 'unsupported_grant_type']);
    },
  );

  it('takes a form and nothing else', async () => {
    const response = await send('{}', { 'content-type': 'application/json' });
    expect(response.status).toBe(415);
    const read = await fetch(`${gateway.url}/oauth/token`);
    expect(read.status).toBe(405);
  });
});

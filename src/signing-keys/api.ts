import { createRoute, z } from '@hono/zod-openapi'
import { described, doc } from '#doc'
import { formatPublicKey, toJwk } from '../core/signing/ed25519'
import { MAX_FORMER } from '../core/signing/rotation'
import { apiRouter, json, jsonRequest, OWNER, problems } from '../http/openapi'
import { iso } from '../http/pagination'
import { keyRotation } from './schemas'
import { type KeyPairRow, listKeyPairs, publicBytes, rotateKeyPair } from './store'

/** How long receivers may cache the key set. This is much shorter than the default grace period of one day. */
const CACHE_SECONDS = 300

const jwk = z
  .object({
    kty: z.literal('OKP'),
    crv: z.literal('Ed25519'),
    x: z.string(),
    kid: z.string(),
    use: z.literal('sig'),
    alg: z.literal('EdDSA'),
  })
  .openapi('PublicJwk')

/** `/.well-known/webhook-keys`: the public keys that receivers verify `v1a` signatures with. */
export const publicKeysApi = apiRouter()

publicKeysApi.openapi(
  createRoute({
    method: 'get',
    path: '/.well-known/webhook-keys',
    tags: ['Reference'],
    summary: doc('Get the public keys as a JWK set'),
    description: doc(
      'A JWK set (RFC 7517) with Ed25519 keys (RFC 8037). During a rotation, it also contains the old key, and requests are signed with both keys.'
    ),
    responses: {
      200: {
        description: doc('The active signing keys, newest first.'),
        content: { 'application/jwk-set+json': { schema: z.object({ keys: z.array(jwk) }) } },
      },
    },
  }),
  async (c) => {
    const pairs = await listKeyPairs(c.env, Date.now())
    const keys = pairs.map((pair) => toJwk(publicBytes(pair), pair.kid))
    return c.json({ keys }, 200, {
      'Content-Type': 'application/jwk-set+json',
      'Cache-Control': `public, max-age=${CACHE_SECONDS}`,
      'Access-Control-Allow-Origin': '*',
    })
  }
)

const signingKeyOut = z
  .object({
    kid: z.string(),
    public_key: z.string().openapi({ example: 'whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=' }),
    created_at: z.string(),
    retires_at: z.string().nullable().openapi(described('When the key stops signing. Null for the newest key.')),
  })
  .openapi('SigningKey')

const signingKeysOut = z.object({ data: z.array(signingKeyOut) }).openapi('SigningKeys')
const base = { tags: ['Signing keys'], security: OWNER }

/** `/api/signing-keys`, for the owner. */
export const signingKeysApi = apiRouter()

signingKeysApi.openapi(
  createRoute({
    ...base,
    method: 'get',
    path: '/',
    summary: doc('List the active signing keys'),
    responses: { 200: json(signingKeysOut, doc('The active signing keys, newest first.')), ...problems(401) },
  }),
  async (c) => c.json({ data: (await listKeyPairs(c.env, Date.now())).map(toSigningKey) }, 200)
)

signingKeysApi.openapi(
  createRoute({
    ...base,
    method: 'post',
    path: '/rotate',
    summary: doc('Rotate the signing key'),
    description: doc(
      `Creates a new key pair. Requests are signed with both keys until the old key is retired. Up to ${MAX_FORMER} old keys may sign; another rotation is refused with 409, unless \`grace_seconds\` is 0.`
    ),
    request: { body: jsonRequest(keyRotation, false) },
    responses: {
      200: json(signingKeysOut, doc('The active signing keys, newest first.')),
      ...problems(400, 401, 409, 422),
    },
  }),
  async (c) => {
    const { grace_seconds } = keyRotation.parse(c.req.valid('json') ?? {})
    const pairs = await rotateKeyPair(c.env, grace_seconds * 1_000, Date.now())
    return c.json({ data: pairs.map(toSigningKey) }, 200)
  }
)

function toSigningKey(pair: KeyPairRow): z.infer<typeof signingKeyOut> {
  return {
    kid: pair.kid,
    public_key: formatPublicKey(publicBytes(pair)),
    created_at: iso(pair.created_at),
    retires_at: iso(pair.retire_at),
  }
}

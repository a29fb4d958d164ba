import * as z from 'zod'
import { ApiRouter, createRoute } from '../../kit/http/router'
import { toJwk } from '../rules/signing/ed25519'
import { listKeyPairs, publicBytes } from './store'

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
  .meta({ id: 'PublicJwk' })

/** `/.well-known/webhook-keys`: the public keys that receivers verify `v1a` signatures with. */
export const publicKeysApi = new ApiRouter()

publicKeysApi.openapi(
  createRoute({
    method: 'get',
    path: '/.well-known/webhook-keys',
    tags: ['Reference'],
    summary: 'Get the public keys as a JWK set',
    description:
      'A JWK set (RFC 7517) with Ed25519 keys (RFC 8037). During a rotation, the set also contains the old key, and requests are signed with both keys.',
    responses: {
      200: {
        description: 'The active signing keys, newest first.',
        content: { 'application/jwk-set+json': { schema: z.object({ keys: z.array(jwk) }) } },
      },
    },
  }),
  async (c) => {
    const pairs = await listKeyPairs(c.env, c.get('now'))
    const keys = pairs.map((pair) => toJwk(publicBytes(pair), pair.kid))
    return c.json({ keys }, 200, {
      'Content-Type': 'application/jwk-set+json',
      'Cache-Control': `public, max-age=${CACHE_SECONDS}`,
      'Access-Control-Allow-Origin': '*',
    })
  }
)

import * as z from 'zod'
import { iso } from '../../kit/http/pagination'
import { DASHBOARD } from '../../kit/lib/paths'
import { action, json } from '../../kit/operation'
import { formatPublicKey } from '../../webhooks/rules/signing/ed25519'
import { MAX_FORMER } from '../../webhooks/rules/signing/rotation'
import { keyRotation } from '../../webhooks/signing-keys/schemas'
import { type KeyPairRow, listKeyPairs, publicBytes, rotateKeyPair } from '../../webhooks/signing-keys/store'
import { showKeys } from './keys-pages'

/* The operations on the deployment's signing keys. */

const signingKeyOut = z
  .object({
    kid: z.string(),
    public_key: z.string().meta({ example: 'whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=' }),
    created_at: z.string(),
    retires_at: z.string().nullable().describe('When the key stops signing. Null for the newest key.'),
  })
  .meta({ id: 'SigningKey' })

const signingKeysOut = z.object({ data: z.array(signingKeyOut) }).meta({ id: 'SigningKeys' })

/** @returns a signing key as the API shows it */
function toSigningKey(pair: KeyPairRow): z.infer<typeof signingKeyOut> {
  return {
    kid: pair.kid,
    public_key: formatPublicKey(publicBytes(pair)),
    created_at: iso(pair.created_at),
    retires_at: iso(pair.retire_at),
  }
}

export const listSigningKeys = action({
  call: 'GET /api/signing-keys',
  may: 'read',
  summary: 'List the active signing keys',
  gives: { 200: json(signingKeysOut, 'The active signing keys, newest first.') },
  run: ({ env, now }) => listKeyPairs(env, now),
  show: (pairs) => ({ data: pairs.map(toSigningKey) }),
})

export const rotateSigningKey = action({
  call: 'POST /api/signing-keys/rotate',
  may: 'person',
  act: 'signing_key.rotated',
  summary: 'Rotate the signing key',
  description: `Creates a new key pair. Requests are signed with both keys until the old key is retired. At most ${MAX_FORMER} old keys can sign at the same time: one more rotation fails with 409, unless \`grace_seconds\` is 0.`,
  refusals: [409],
  takes: keyRotation,
  isOptional: true,
  gives: { 200: json(signingKeysOut, 'The active signing keys, newest first.') },
  run: ({ env, now }, { grace_seconds }) => rotateKeyPair(env, grace_seconds * 1_000, now),
  show: (pairs) => ({ data: pairs.map(toSigningKey) }),
  form: {
    at: '/keys/rotate',
    read: (form) => ({ grace_seconds: Number(form.get('grace_seconds') || 'NaN') }),
    next: (_, { body }) => `${DASHBOARD.signingKeys}?done=${body.grace_seconds === 0 ? 'replaced' : 'rotated'}`,
    refused: showKeys,
  },
})

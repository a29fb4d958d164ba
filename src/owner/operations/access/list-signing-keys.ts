import * as z from 'zod'
import { iso } from '../../../kit/http/pagination'
import { action, json } from '../../../kit/operation'
import { formatPublicKey } from '../../../webhooks/rules/signing/ed25519'
import { type KeyPairRow, listKeyPairs, publicBytes } from '../../../webhooks/signing-keys/store'

const signingKeyOut = z
  .object({
    kid: z.string(),
    public_key: z.string().meta({ example: 'whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=' }),
    created_at: z.string(),
    retires_at: z.string().nullable().describe('When the key stops signing. Null for the newest key.'),
  })
  .meta({ id: 'SigningKey' })

export const signingKeysOut = z.object({ data: z.array(signingKeyOut) }).meta({ id: 'SigningKeys' })

/** @returns a signing key as the API shows it */
export function toSigningKey(pair: KeyPairRow): z.infer<typeof signingKeyOut> {
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
  noTool: 'setup',
  gives: { 200: json(signingKeysOut, 'The active signing keys, newest first.') },
  run: ({ env, now }) => listKeyPairs(env, now),
  show: (pairs) => ({ data: pairs.map(toSigningKey) }),
})

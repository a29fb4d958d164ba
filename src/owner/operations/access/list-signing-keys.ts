import { iso } from '../../../kit/http/pagination'
import { action, doc, documentedObject, json, textOrNull } from '../../../kit/operation'
import { formatPublicKey } from '../../../webhooks/rules/signing/ed25519'
import { type KeyPairRow, listKeyPairs, publicBytes } from '../../../webhooks/signing-keys/store'
import * as z from '../../../zod'

const signingKeyOut = documentedObject('SigningKey', () => ({
  kid: z.string(),
  public_key: z.string().openapi(doc({ example: 'whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=' })),
  created_at: z.string(),
  retires_at: textOrNull('When the key stops signing. Null for the newest key.'),
}))

export const signingKeysOut = documentedObject('SigningKeys', () => ({ data: z.array(signingKeyOut) }))

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
  ...doc({ summary: 'List the active signing keys', noTool: 'setup' }),
  gives: { 200: json(signingKeysOut, doc('The active signing keys, newest first.')) },
  run: ({ env, now }) => listKeyPairs(env, now),
  show: (pairs) => ({ data: pairs.map(toSigningKey) }),
})

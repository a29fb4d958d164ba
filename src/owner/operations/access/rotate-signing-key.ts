import { action, json } from '../../../kit/operation'
import { MAX_FORMER } from '../../../webhooks/rules/signing/rotation'
import { keyRotation } from '../../../webhooks/signing-keys/schemas'
import { rotateKeyPair } from '../../../webhooks/signing-keys/store'
import { showKeys } from '../../dashboard/keys-pages'
import { signingKeysOut, toSigningKey } from './list-signing-keys'

export const rotateSigningKey = action({
  call: 'POST /api/signing-keys/rotate',
  may: 'person',
  act: 'signing_key.rotated',
  summary: 'Rotate the signing key',
  description: `Creates a new key pair. Requests are signed with both keys until the old key is retired. At most ${MAX_FORMER} old keys can sign at the same time: one more rotation fails with 409, unless \`grace_seconds\` is 0.`,
  refusals: [409],
  noTool: 'setup',
  takes: keyRotation,
  isOptional: true,
  gives: { 200: json(signingKeysOut, 'The active signing keys, newest first.') },
  run: ({ env, now }, { grace_seconds }) => rotateKeyPair(env, grace_seconds * 1_000, now),
  show: (pairs) => ({ data: pairs.map(toSigningKey) }),
  form: {
    at: '/keys/rotate',
    read: (form) => ({ grace_seconds: Number(form.get('grace_seconds') || 'NaN') }),
    next: (_, { body }) => `/admin/keys?done=${body.grace_seconds === 0 ? 'replaced' : 'rotated'}`,
    refused: showKeys,
  },
})

import { type Context, Hono } from 'hono'
import type { HonoEnv } from '../../env'
import { notices } from '../../kit/html/notices'
import { renderForm } from '../../kit/html/render'
import { publicOrigin } from '../../kit/http/origin'
import type { Refusal } from '../../kit/http/problem'
import { DASHBOARD } from '../../kit/lib/paths'
import { listKeyPairs } from '../../webhooks/signing-keys/store'
import { findStoredFault } from '../self-check/configuration'
import { KeysPage } from './keys-views'
import { readRotation } from './rotate-secrets-key'

notices(DASHBOARD.signingKeys, {
  rotated: 'Key rotated. The old key will keep signing for the period you chose.',
  replaced: 'Key replaced. The old key no longer signs.',
})

/** `/admin/keys`: the signing keys, and the rotation of SECRETS_KEY. */
export const keyPages = new Hono<HonoEnv>()

keyPages.get('/', (c) => showKeys(c))

/** @param refusal why the key was not rotated, if it was refused */
export async function showKeys(c: Context<HonoEnv>, refusal?: Refusal): Promise<Response> {
  const now = c.get('now')
  const [pairs, rotation] = await Promise.all([listKeyPairs(c.env, now), readRotation(c.env)])
  const fault = rotation === null ? await findStoredFault(c.env) : null
  const address = `${publicOrigin(c)}/.well-known/webhook-keys`
  return renderForm(c, <KeysPage {...{ pairs, rotation, address, now }} fault={fault?.message} />, refusal)
}

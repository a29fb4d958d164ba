import { NO_GRANT } from '../../../access/rights'
import { claimSetting } from '../../../kit/db/settings'
import { batch } from '../../../kit/db/statements'
import { Refusal, refuseIfNull } from '../../../kit/http/problem'
import {
  BUILT_IN_RECEIVER_SETTING,
  findReceiver,
  type Receiver,
  readReceiver,
} from '../../../webhooks/endpoints/built-in-receiver'
import { planEndpoint } from '../../../webhooks/endpoints/manage'
import { endpointIn } from '../../../webhooks/endpoints/schemas'
import { newSigningSecret } from '../../../webhooks/endpoints/secrets'
import { RECEIVER_EVENT_TYPES, RECEIVER_NAME, receiverUrl } from '../../../webhooks/rules/delivering/built-in-receiver'
import { planSource, refuseTooManySources } from '../../../webhooks/sources/manage'
import { sourceIn } from '../../../webhooks/sources/schemas'

/** The source is for trying out and gets copies of entries, so it keeps messages for a short time. */
const KEPT = { retention_days: 7, body_retention_days: 1 }

const ALREADY = 'already_registered'

/**
 * Registers the built-in receiver: a source, and an endpoint whose deliveries are handed to it. Both have the same
 * secret. If it exists already, or if two requests come at once, nothing is created twice.
 * @param origin the origin that received the request
 * @returns the endpoint's id, and whether it is new
 * @throws Refusal 409 if there are too many sources
 */
export async function registerReceiver(env: Env, origin: string, now: number): Promise<Receiver & { isNew: boolean }> {
  const present = await findReceiver(env)
  if (present) return { ...present, isNew: false }
  try {
    return { ...(await createReceiver(env, await readReceiver(env), origin, now)), isNew: true }
  } catch (cause) {
    const existing = cause instanceof Refusal && cause.code === ALREADY ? await readReceiver(env) : null
    if (existing) return { ...existing, isNew: false }
    throw cause
  }
}

/** @throws Refusal 409 if another request has created it in the meantime, or if there are too many sources */
async function createReceiver(env: Env, before: Receiver | null, origin: string, now: number): Promise<Receiver> {
  const secret = newSigningSecret()
  const given = { name: RECEIVER_NAME, provider: 'standard-webhooks', strict: false, secret, ...KEPT }
  const source = await planSource(env, sourceIn.parse(given), now)
  const url = receiverUrl(source.row.id)
  const input = endpointIn.parse({ url, description: DESCRIPTION, event_types: RECEIVER_EVENT_TYPES, secret })
  const endpoint = await planEndpoint(env, input, origin, now, NO_GRANT, { url })
  const made = { endpoint_id: endpoint.row.id, source_id: source.row.id }
  const already = () => new Refusal(409, ALREADY, 'The built-in receiver exists already.')
  const statements = [
    claimSetting(env, BUILT_IN_RECEIVER_SETTING, made, before),
    ...source.statements,
    ...endpoint.statements,
  ]
  await refuseTooManySources(() => refuseIfNull({ 'settings.value': already }, () => batch(env, statements)))
  return made
}

const DESCRIPTION = 'Shows you what receivers get'

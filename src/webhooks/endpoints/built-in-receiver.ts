import * as z from 'zod'
import { readSetting } from '../../kit/db/settings'
import { invalidField, Refusal } from '../../kit/http/problem'
import { findForeignType, RECEIVER_EVENT_TYPES, receiverSource } from '../rules/delivering/built-in-receiver'
import type { endpointChange } from './schemas'
import { type EndpointRow, findEndpoint } from './store'

/* The built-in receiver: an endpoint whose deliveries go to a source of this guestbook. There is at most one. */

/** The setting with the ids of its endpoint and its source. They may have been deleted since. */
export const BUILT_IN_RECEIVER_SETTING = 'built_in_receiver'

export const receiver = z.object({ endpoint_id: z.string(), source_id: z.string() })
export type Receiver = z.infer<typeof receiver>

/** @returns null if the owner has never registered it */
export function readReceiver(env: Env): Promise<Receiver | null> {
  return readSetting(env, BUILT_IN_RECEIVER_SETTING, receiver.nullable(), null)
}

/** @returns the receiver, if its endpoint was not deleted */
export async function findReceiver(env: Env): Promise<Receiver | null> {
  const receiver = await readReceiver(env)
  return receiver && (await findEndpoint(env, receiver.endpoint_id)) && receiver
}

/** @returns the SQL for whether a source is another one: counts and lists leave the requests to the receiver out */
export function isOtherSource(column: string): string {
  return `${column} is not (select value ->> '$.source_id' from settings where name = '${BUILT_IN_RECEIVER_SETTING}')`
}

type Change = Pick<z.infer<typeof endpointChange>, 'url' | 'format' | 'event_types' | 'headers' | 'moderation_links'>

/** Refuses a change that sends deliveries elsewhere, breaks their verification, or loops. @throws Refusal 422 */
export function requireReceiverChange({ url }: Pick<EndpointRow, 'url'>, change: Change): void {
  if (receiverSource(url) === null) return
  if (change.url !== undefined && change.url !== url) throw invalidField('url', FIXED_URL)
  if (change.format !== undefined && change.format !== 'standard') throw invalidField('format', FIXED_FORMAT)
  if (Object.keys(change.headers ?? {}).length > 0) throw invalidField('headers', NO_HEADERS)
  if (change.moderation_links) throw invalidField('moderation_links', NO_LINKS)
  const foreign = findForeignType(change.event_types ?? [])
  if (foreign !== null) throw invalidField('event_types', explainForeign(foreign))
}

const FIXED_URL = 'The URL of the built-in receiver cannot be changed. Register another endpoint.'
const FIXED_FORMAT = 'The built-in receiver understands Standard Webhooks only.'
const NO_LINKS = 'The built-in receiver gets no moderation links.'
const NO_HEADERS = 'The built-in receiver needs no headers. Remove them.'

/** Its source has the same secret, and would not learn the new one. @throws Refusal 409 */
export function refuseToRotateReceiver({ url }: Pick<EndpointRow, 'url'>): void {
  if (receiverSource(url) === null) return
  const detail = 'The secret of the built-in receiver cannot be rotated. Delete this endpoint, and register it again.'
  throw new Refusal(409, 'built_in_receiver', detail)
}

function explainForeign(filter: string): string {
  const allowed = RECEIVER_EVENT_TYPES.join(', ')
  return `The built-in receiver gets only events about entries, so "${filter}" is not possible. Use ${allowed}.`
}

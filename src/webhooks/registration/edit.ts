import * as z from 'zod'
import type { Context } from '../../kit/context'
import { parseFields } from '../../kit/http/form'
import { invalidField, type Refusal } from '../../kit/http/problem'
import { ENDPOINT_FIELDS } from '../endpoints/fields'
import { requireEndpoint, type UrlRules } from '../endpoints/manage'
import { AWAITING, findRoom } from '../endpoints/self-registered'
import type { EndpointChanges, EndpointRow } from '../endpoints/store'
import { requireEndpointUrl } from '../endpoints/url'
import { challengeEndpoint } from './challenge'
import { ownerDecides } from './manage'
import { REGISTRATION } from './mode'
import { PUBLIC_TYPES, publicTypes, type RegistrationFields, readRegistrationFields, requireAttempt } from './register'

/* What an integrator may change with the private link. */

/** Only the owner can change the books, because the owner may have limited them. */
export function editedFieldsOf({ url, description, event_types }: EndpointRow): RegistrationFields {
  return { url, description, event_types: JSON.parse(event_types), books: '' }
}

/** @returns the event types that only the owner can give */
export function givenTypes({ event_types }: EndpointRow): string[] {
  const types: string[] = JSON.parse(event_types)
  return types.filter((type) => !PUBLIC_TYPES.some((known) => known === type))
}

/**
 * Reads the form of an integrator. A new URL is treated like a new registration: it must answer a challenge, may wait
 * for approval, and does not get the headers that the owner set for the old one.
 * @throws Refusal 422 for bad input or a failed challenge, 429 after too many attempts
 */
export async function readEdit(form: URLSearchParams, asked: Context & { params: { id: string } }) {
  const { env, origin, params } = asked
  const endpoint = await requireEndpoint(env, params.id)
  const fields = readRegistrationFields(form)
  const given = givenTypes(endpoint)
  const change = z.object({
    url: ENDPOINT_FIELDS.rows.url.schema,
    description: ENDPOINT_FIELDS.rows.description.schema,
    event_types: publicTypes(given),
  })
  // In the order of before, so that a form that was saved unchanged changes nothing.
  const order: string[] = JSON.parse(endpoint.event_types)
  const types = [...fields.event_types, ...given].toSorted((one, other) => order.indexOf(one) - order.indexOf(other))
  const wanted = parseFields(change, { ...fields, event_types: types })
  const nextUrl = requireEndpointUrl(env, wanted.url, origin, endpoint.format)
  if (nextUrl === endpoint.url) return wanted
  await requireProof(asked, { ...endpoint, url: nextUrl })
  const event_types = [...fields.event_types, ...givenTypes(await requireEndpoint(env, endpoint.id))]
  return { ...wanted, event_types, url: nextUrl, headers: {} }
}

/** @throws Refusal 422, 429 */
async function requireProof(asked: Context, endpoint: EndpointRow): Promise<void> {
  await requireAttempt(asked)
  if ((await findRoom(asked.env, endpoint)) !== 'free') throw noRoom()
  await challengeEndpoint(asked.env, endpoint, asked.now)
}

/**
 * What an integrator's new URL changes besides: the owner must approve it, unless registration is open. One update writes
 * both, so nothing is sent to a URL that nobody has approved.
 * @returns null for the owner
 */
export async function rulesOfUrl({ env, now, manages }: Context): Promise<UrlRules | null> {
  if (!manages) return null
  const isOpen = (await REGISTRATION.read(env)) === 'open'
  return { noRoom, columns: (before) => (isOpen ? {} : unapproved(before, now)) }
}

/**
 * The time in which the owner can approve the endpoint begins now, however long it has been paused.
 * @throws Refusal 409 if the owner has disabled it: otherwise, it would expire like a registration
 */
function unapproved(before: EndpointRow, now: number): EndpointChanges {
  const { disabled_reason, disabled_at } = before
  if (disabled_reason === 'manual') throw ownerDecides(before)
  const isWaiting = disabled_reason === AWAITING
  return {
    status: 'disabled',
    disabled_reason: AWAITING,
    disabled_at: isWaiting ? disabled_at : now,
    breaker: 'closed',
    resume_at: null,
  }
}

const noRoom = (): Refusal =>
  invalidField('url', 'This URL is already registered, or its host has reached the limit for endpoints.')

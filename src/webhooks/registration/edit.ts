import type { Context } from 'hono'
import * as z from 'zod'
import type { HonoEnv } from '../../env'
import { contextOf } from '../../kit/context'
import { parseFields } from '../../kit/http/form'
import { requestOrigin } from '../../kit/http/origin'
import { invalid } from '../../kit/http/problem'
import { disableEndpoint } from '../endpoints/health'
import { requireEndpoint } from '../endpoints/manage'
import { alterEndpoint } from '../endpoints/page/lifecycle'
import { endpointChange } from '../endpoints/schemas'
import { findRoom } from '../endpoints/self-registered'
import type { EndpointRow } from '../endpoints/store'
import { requireEndpointUrl } from '../endpoints/url'
import { challengeEndpoint } from './challenge'
import { readMode } from './mode'
import { PUBLIC_TYPES, publicTypes, type RegistrationFields, requireAttempt } from './register'

/* What an integrator may change with the private link. */

export function fieldsOf({ url, description, event_types }: EndpointRow): RegistrationFields {
  return { url, description, event_types: JSON.parse(event_types) }
}

/** @returns the event types that only the owner can give */
export function givenTypes({ event_types }: EndpointRow): string[] {
  const types: string[] = JSON.parse(event_types)
  return types.filter((type) => !PUBLIC_TYPES.some((known) => known === type))
}

const { url, description } = endpointChange.required().shape

/**
 * Changes an integrator's endpoint. A new URL is treated like a new registration: it must answer a challenge, and it waits
 * for the owner's approval if the guestbook requires that. It does not get the headers that the owner set for the old one.
 * @throws Refusal 422 for bad input or a failed challenge, 429 after too many attempts
 */
export async function editRegistration(
  c: Context<HonoEnv>,
  endpoint: EndpointRow,
  fields: RegistrationFields,
  now: number
): Promise<void> {
  const given = givenTypes(endpoint)
  const change = z.object({ url, description, event_types: publicTypes(given) })
  const wanted = parseFields(change, { ...fields, event_types: [...fields.event_types, ...given] })
  const nextUrl = requireEndpointUrl(c.env, wanted.url, requestOrigin(c), endpoint.format)
  if (nextUrl === endpoint.url) return void (await alterEndpoint(contextOf(c), endpoint.id, wanted))
  await requireProof(c, { ...endpoint, url: nextUrl, headers: null }, now)
  const types = [...fields.event_types, ...givenTypes(await requireEndpoint(c.env, endpoint.id))]
  // First, so that nothing is sent to the new URL in between.
  if ((await readMode(c.env)) !== 'open') await disableEndpoint(c.env, endpoint.id, 'awaiting_approval', now)
  await alterEndpoint(contextOf(c), endpoint.id, { ...wanted, event_types: types, url: nextUrl, headers: {} })
}

/** @throws Refusal 422, 429 */
async function requireProof(c: Context<HonoEnv>, endpoint: EndpointRow, now: number): Promise<void> {
  await requireAttempt(c, now)
  if ((await findRoom(c.env, endpoint.url)) !== 'free')
    throw invalid([
      { path: 'url', message: 'This URL is already registered, or its host has reached the limit for endpoints.' },
    ])
  const failure = await challengeEndpoint(c.env, endpoint, now)
  if (failure !== null) throw invalid([{ path: 'url', message: `The URL could not be verified. ${failure}` }])
}

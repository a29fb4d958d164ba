import type { EndpointRow } from '../../endpoints/store'
import { EVENT_TYPES, findEventType } from '../../rules/events/catalogue'
import { wantsType } from '../../rules/events/filter'

export type Subscribed = Pick<EndpointRow, 'event_types'>

/**
 * Whether an integrator may test their endpoint with a type: the built-in ones are public. Of the owner's own types,
 * only what the endpoint gets.
 */
export function mayTestWith(type: string, { event_types }: Subscribed): boolean {
  return findEventType(type) !== undefined || wantsType(JSON.parse(event_types), type)
}

/** Those that the endpoint subscribes to come first. */
export function testableTypes({ event_types }: Subscribed): string[] {
  const subscribed: string[] = JSON.parse(event_types)
  const all = [...EVENT_TYPES.map(({ name }) => name), ...subscribed.filter((name) => !name.includes('*'))]
  const rank = (name: string) => Number(!wantsType(subscribed, name))
  return [...new Set(all)].toSorted((a, b) => rank(a) - rank(b))
}

import type { EndpointRow } from '../../endpoints/store'
import { EVENT_TYPES, type EventType, findEventType } from '../../rules/events/catalogue'
import { wantsType } from '../../rules/events/filter'

export type Subscribed = Pick<EndpointRow, 'event_types'>
/** Integrators do not see the examples of the owner's own types. */
export type Testable = Pick<EventType, 'name'> & Partial<EventType>

/**
 * Whether an integrator may test their endpoint with a type: the built-in ones are public. Of the owner's own types,
 * only what the endpoint gets.
 */
export function mayTestWith(type: string, { event_types }: Subscribed): boolean {
  return findEventType(type) !== undefined || wantsType(JSON.parse(event_types), type)
}

/**
 * @param own the owner's own types, for the owner
 * @returns what the endpoint subscribes to and the ping, and all other types
 */
export function testableTypes(
  { event_types }: Subscribed,
  own: EventType[]
): { wanted: Testable[]; others: Testable[] } {
  const subscribed: string[] = JSON.parse(event_types)
  const known = [...EVENT_TYPES, ...own]
  const unknown = subscribed.filter((name) => !name.includes('*') && !known.some((type) => type.name === name))
  const all: Testable[] = [...known, ...unknown.map((name) => ({ name }))]
  const { wanted = [], others = [] } = Object.groupBy(all, ({ name }) =>
    name === 'ping' || wantsType(subscribed, name) ? 'wanted' : 'others'
  )
  return { wanted, others }
}

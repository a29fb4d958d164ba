import type { EndpointRow } from '../../endpoints/store'
import { EVENT_TYPES, type EventType, findEventType } from '../../rules/events/catalogue'
import { wantsType } from '../../rules/events/filter'

export type Subscribed = Pick<EndpointRow, 'event_types'>

/**
 * Whether an integrator may test their endpoint with a type: the built-in ones are public. Of the owner's own types,
 * only what the endpoint gets.
 */
export function mayTestWith(type: string, { event_types }: Subscribed): boolean {
  return findEventType(type) !== undefined || wantsType(JSON.parse(event_types), type)
}

/**
 * @param own the owner's own types
 * @returns what the endpoint subscribes to and the ping, and all other types that may be tested
 */
export function testableTypes({ event_types }: Subscribed, own: EventType[], isOwner: boolean) {
  const subscribed: string[] = JSON.parse(event_types)
  const isWanted = ({ name }: EventType) => name === 'ping' || wantsType(subscribed, name)
  const all = [...EVENT_TYPES, ...own]
  return {
    wanted: all.filter(isWanted),
    others: (isOwner ? all : EVENT_TYPES).filter((type) => !isWanted(type)),
  }
}

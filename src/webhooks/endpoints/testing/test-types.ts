import { EVENT_TYPES, type EventType, findEventType } from '../../rules/events/catalogue'
import { wantsType } from '../../rules/events/filter'
import type { EndpointRow } from '../store'

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
 * @returns what the endpoint subscribes to, and all other types that may be tested. The ping has a button of its own
 */
export function testableTypes({ event_types }: Subscribed, own: EventType[], isOwner: boolean) {
  const subscribed: string[] = JSON.parse(event_types)
  const isWanted = ({ name }: EventType) => wantsType(subscribed, name)
  const builtIn = EVENT_TYPES.filter(({ name }) => name !== 'ping')
  const all = [...builtIn, ...own]
  return {
    wanted: all.filter(isWanted),
    others: (isOwner ? all : builtIn).filter((type) => !isWanted(type)),
  }
}

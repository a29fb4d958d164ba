import { EVENT_TYPES, type EventType, findEventType } from '../../rules/events/catalogue'
import { wantsType } from '../../rules/events/filter'
import type { EndpointRow } from '../store'

type Subscribed = Pick<EndpointRow, 'event_types'>

/** Integrators may test with the public built-in types, and with those of the owner's own that the endpoint gets. */
export function mayTestWith(type: string, { event_types }: Subscribed): boolean {
  return findEventType(type) !== undefined || wantsType(JSON.parse(event_types), type)
}

/** @param own the owner's types. @returns what the endpoint gets, and the others that may be tested, without ping */
export function testableTypes({ event_types }: Subscribed, own: EventType[], isOwner: boolean) {
  const subscribed: string[] = JSON.parse(event_types)
  const isWanted = ({ name }: EventType) => wantsType(subscribed, name)
  const builtIn = EVENT_TYPES.filter(({ name }) => name !== 'ping')
  const all = [...builtIn, ...own]
  return { wanted: all.filter(isWanted), others: (isOwner ? all : builtIn).filter((type) => !isWanted(type)) }
}

import { addEventTypes, type EventType, ownPart } from './rules/events/catalogue'
import type { messages } from './tables/outgoing'

/* The events of the program that uses the engine: their types, and the links with which a reader acts. */

type Event = Pick<typeof messages.$inferSelect, 'id' | 'type' | 'payload'>

/** @returns the payload with the links, or as it is if no links can be made. They are stored nowhere */
type AddLinks = (env: Env, event: Event) => Promise<string>
/** @returns the payload without links */
type RemoveLinks = (event: Event) => string

interface ProgramEvents {
  types: readonly EventType[]
  /** For types with `hasLinks`. */
  addLinks?: AddLinks
  removeLinks?: RemoveLinks
}

let connected: ProgramEvents = { types: [] }

/** The program calls this once, when it is loaded. */
export function connectEvents(events: ProgramEvents): void {
  connected = events
  addEventTypes(events.types)
}

/** Whether an event of this type has links that act for whoever has them. */
export const hasLinks = (type: string): boolean => ownPart(type)?.hasLinks === true

/** @param mayHaveLinks whether its reader may have the links. @returns the payload for that reader */
export async function payloadFor(env: Env, event: Event, mayHaveLinks: boolean): Promise<string> {
  if (!hasLinks(event.type)) return event.payload
  const { addLinks, removeLinks } = connected
  return (mayHaveLinks ? await addLinks?.(env, event) : removeLinks?.(event)) ?? event.payload
}

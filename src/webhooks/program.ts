import { addEventTypes, type EventType, ownPart } from './rules/events/catalogue'
import type { messages } from './tables/outgoing'

/*
 * What the engine is told by the program that uses it: its events, the links with which a reader acts, and what only the
 * program can look up, because the engine reads none of its tables. What it does with requests is in program-act.ts.
 */

type Event = Pick<typeof messages.$inferSelect, 'id' | 'type' | 'payload'>

/** @returns the payload with the links, or as it is if no links can be made. They are stored nowhere */
type AddLinks = (env: Env, event: Event) => Promise<string>
/** @returns the payload without links */
type RemoveLinks = (event: Event) => string

/** What a message reports, as a page of the dashboard. */
interface Subject {
  href: string
  label: string
}

export interface BookChoice {
  slug: string
  title: string
}

/** The books that an endpoint or a template can choose from. A program without books offers none. */
interface Books {
  /** The slug of the book that a template means if it names none. */
  main: string
  list(env: Env): Promise<BookChoice[]>
  /** @returns the slugs that do not belong to any book */
  findUnknown(env: Env, slugs: string[]): Promise<string[]>
}

interface Program {
  types: readonly EventType[]
  /** For types with `hasLinks`. */
  addLinks?: AddLinks
  removeLinks?: RemoveLinks
  books?: Books
  /** @returns null if the message reports nothing that has a page, or if that was deleted */
  findSubject?(env: Env, message: Pick<Event, 'id' | 'type'>): Promise<Subject | null>
}

let connected: Program = { types: [] }

/** The program calls this once, when it is loaded. */
export function connectProgram(program: Program): void {
  connected = program
  addEventTypes(program.types)
}

/** Whether an event of this type has links that act for whoever has them. */
export const hasLinks = (type: string): boolean => ownPart(type)?.hasLinks === true

/** @param mayHaveLinks whether its reader may have the links. @returns the payload for that reader */
export async function payloadFor(env: Env, event: Event, mayHaveLinks: boolean): Promise<string> {
  if (!hasLinks(event.type)) return event.payload
  const { addLinks, removeLinks } = connected
  return (mayHaveLinks ? await addLinks?.(env, event) : removeLinks?.(event)) ?? event.payload
}

export const booksOfProgram = async (env: Env) => (await connected.books?.list(env)) ?? []

/** @returns the slug of the book that a template means if it names none */
export const mainBookOfProgram = () => connected.books?.main ?? ''

export const findUnknownSlugs = async (env: Env, slugs: string[]) =>
  (await connected.books?.findUnknown(env, slugs)) ?? slugs

export const findSubject = async (env: Env, message: Pick<Event, 'id' | 'type'>) =>
  (await connected.findSubject?.(env, message)) ?? null

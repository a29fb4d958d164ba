import type { mailbox } from '../support/fixtures'

/*
 * What an endpoint is set to, and when. The owner may change it while its deliveries wait or are under way, so each
 * judge asks what the settings were in a step: those before it, those after it, or any of them while it lasted.
 */

/** An endpoint, with what it was set to, oldest first, and the changes that were asked for, each in a step. */
export interface Settable {
  /** Null until it has been seen in the table. */
  id: string | null
  versions: Version[]
  changes: { step: number; patch: Partial<Settings> }[]
}

/** What decides which messages an endpoint gets, where, and in which form. */
export interface Settings {
  url: string
  format: Format
  event_types: string[]
  books: string[] | null
  when: string | null
  digest: 'off' | 'daily'
  digest_hour: number | null
  min_interval_minutes: number | null
  rate_limit: number
  /** False while it is disabled or waits for approval, and after it was deleted. */
  isEnabled: boolean
}

export const FORMATS = [
  'standard',
  'cloudevents',
  'build-hook',
  'slack',
  'discord',
  'teams',
  'google-chat',
  'ntfy',
  'telegram',
  'matrix',
  'email',
] as const
export type Format = (typeof FORMATS)[number]

export const isForPrograms = (format: Format): boolean => ['standard', 'cloudevents', 'build-hook'].includes(format)

/** One call reports several events: a daily digest, and a call of a build hook that has an interval. */
export function isCalled({ digest, min_interval_minutes }: Settings): boolean {
  return digest === 'daily' || (min_interval_minutes ?? 0) > 0
}

type Box = ReturnType<typeof mailbox>

/** @returns an address of the mailbox at the service that a format is for */
export function addressOf(box: Box, format: Format): string {
  if (format === 'email') return `mailto:${box.name}@example.com`
  return format in box.services ? box.services[format as keyof Box['services']] : box.url('scripted')
}

/** @returns another address of the same mailbox. A topic, a room and an e-mail address have only one */
export function movedTo(box: Box, url: string, number: number): string {
  if (url.includes('/scripted')) return box.url(`scripted/${number}`)
  const part = /(?<=services\/T)\w+|(?<=\/bot)\d+|(?<=\/webhooks\/)\d+|(?<=\?sig=)\w+|(?<=\?key=)\w+/
  return url.replace(part, String(number))
}

/** What a request must have, because its service asks for it. */
export const headersFor = (format: Format): Record<string, string> =>
  format === 'matrix' ? { Authorization: 'Bearer token-of-the-room' } : {}

interface Payload {
  type: string
  data: { public?: boolean; comment?: { book: string; name?: string } }
}

/** Conditions, and what each means. */
export const CONDITIONS: Record<string, (payload: Payload) => boolean> = {
  'type == "comment.held"': ({ type }) => type === 'comment.held',
  'type != "comment.held"': ({ type }) => type !== 'comment.held',
  'data.comment.book == "second"': ({ data }) => data.comment?.book === 'second',
  'data.public == true': ({ data }) => data.public === true,
  'type != "note.posted" or data.public == true': ({ type, data }) => type !== 'note.posted' || data.public === true,
  'data.comment.name contains "7"': ({ data }) => data.comment?.name?.includes('7') ?? false,
}

interface Message {
  id: string
  type: string
  payload: string
  book: string | null
  about: string | null
  audience: string | null
}

/** Whether settings ask for a message. An endpoint never gets one about itself, and tests go to one endpoint only. */
export function wants({ id }: Pick<Settable, 'id'>, message: Message, settings: Settings): boolean {
  const { type, about, audience, book, payload } = message
  if (!settings.isEnabled || audience !== null || about === id) return false
  if (book !== null && settings.books !== null && !settings.books.includes(book)) return false
  const hasType = settings.event_types.some(
    (filter) => filter === '*' || filter === type || (filter.endsWith('.*') && type.startsWith(filter.slice(0, -1)))
  )
  // What was erased in the step in which it appeared cannot be judged.
  return (
    hasType && (settings.when === null || (payload !== '' && CONDITIONS[settings.when]?.(JSON.parse(payload)) === true))
  )
}

/** @param shown an endpoint, as the API shows it */
export function settingsOf(shown: Record<string, unknown>): Settings {
  const { url, format, event_types, books, when, digest, digest_hour, min_interval_minutes, rate_limit, status } = shown
  const isEnabled = status === 'enabled'
  return {
    ...({ url, format, event_types, books, when, digest, digest_hour, min_interval_minutes, rate_limit } as Settings),
    isEnabled,
  }
}

/** What the settings were from the end of a step on. */
export interface Version {
  from: number
  settings: Settings
}

/** Notes the settings after a step, if they have changed. */
export function noteSettings({ versions }: Settable, settings: Settings, step: number): void {
  const last = versions.at(-1)
  if (JSON.stringify(last?.settings) === JSON.stringify(settings)) return
  if (last?.from === step) last.settings = settings
  else versions.push({ from: step, settings })
}

/**
 * @param isAfter whether the changes of the step had been made for more than a second: see `slowly` in actions/slowly.ts
 * @returns the settings that may have been in effect at some moment of a step
 */
export function settingsIn({ versions, changes }: Settable, step: number, isAfter = false): Settings[] {
  const after = versions.findLast(({ from }) => from <= step)?.settings
  const before = versions.findLast(({ from }) => from < step)?.settings
  if (isAfter) return after ? [after] : []
  const known = [before, after].filter((one) => one !== undefined)
  const made = changes.filter((one) => one.step === step)
  // Of two changes at the same time, one was in effect first, and perhaps without the other.
  const partly = made.length < 2 ? [] : made.flatMap(({ patch }) => known.map((one) => ({ ...one, ...patch })))
  return [...known, ...partly]
}

/** @returns the settings that may have been in effect at some moment of these steps, both included */
export function settingsBetween(endpoint: Settable, first: number, last: number): Settings[] {
  const starts = endpoint.versions.map(({ from }) => from).filter((from) => from > first && from < last)
  return [first, ...starts, last].flatMap((step) => settingsIn(endpoint, step))
}

/** @returns whether the settings of any of these steps ask for a message */
export function mayWant(endpoint: Settable, message: Message, first: number, last = first): boolean {
  return settingsBetween(endpoint, first, last).some((settings) => wants(endpoint, message, settings))
}

/** @returns whether all settings from before the first step until after the last one ask for a message */
export function surelyWants(endpoint: Settable, message: Message, first: number, last: number): boolean {
  const existed = endpoint.versions.some(({ from }) => from < first)
  return existed && settingsBetween(endpoint, first, last).every((settings) => wants(endpoint, message, settings))
}

/** How an endpoint is registered. */
export interface Registration {
  event_types: string[]
  format: Format
  books: string[] | null
  when: string | null
  /** For a format that people read, the hour of a digest; for a build hook, the interval. Null for none. */
  pace: number | null
  rate_limit: number
}

/** An endpoint that gets everything. */
export const EVERYTHING: Registration = {
  event_types: ['*'],
  format: 'standard',
  books: null,
  when: null,
  pace: null,
  rate_limit: 300,
}

import type { Sent } from '../support/world'
import { wordsIn } from './history'

/*
 * What a request reports: one event, all events of a digest, or, for a build hook, that something has happened.
 */

/** One event, as far as a receiver can recognize it. */
interface Event {
  id: string
  type: string
  payload: string
}

export type Report = { kind: 'event'; id: string } | { kind: 'hook' } | Text

/** What people read. */
interface Text {
  kind: 'text'
  title: string
  /** The events of a digest, each in a line. */
  lines: string[]
  /** Whether the service takes no longer text. Then the last line is left out here, because a part of it is missing. */
  isCut: boolean
}

/** The events that are sent to a URL directly, without a delivery. */
const DIRECT = ['endpoint.verify', 'endpoint.link_requested']

/** @returns whether a request went to a receiver. The address or the topic contains its name */
export const isTo = ({ url, body }: Pick<Sent, 'url' | 'body'>, name: string): boolean =>
  url.includes(name) || body.includes(`"topic":"${name}"`)

export const isDirect = ({ body }: Pick<Sent, 'body'>): boolean => DIRECT.includes(parse(body)?.type)

// biome-ignore lint/suspicious/noExplicitAny: the body is whatever the program has sent
function parse(body: string): any {
  try {
    return JSON.parse(body)
  } catch {
    return null
  }
}

/** @returns what a request is about, whatever its format */
export function reportOf({ body }: Pick<Sent, 'body'>): Report {
  const parsed = parse(body)
  if (parsed?.client_payload) return { kind: 'hook' }
  const isForPrograms = typeof parsed?.id === 'string' && typeof parsed?.type === 'string'
  if (isForPrograms) return { kind: 'event', id: parsed.id }
  const texts = stringsIn(parsed).map(plain)
  const title = texts.map((text) => DIGEST.exec(text)?.[0]).find((found) => found !== undefined)
  if (title === undefined) return { kind: 'text', title: texts.join('\n'), lines: [], isCut: false }
  // Some services get the same text twice, once shortened.
  const lists = texts.map((text) => ({ lines: text.match(/• .*/g) ?? [], isCut: text.endsWith('…') }))
  const { lines, isCut } = lists.reduce((most, list) => (list.lines.length > most.lines.length ? list : most))
  return { kind: 'text', title, lines: isCut ? lines.slice(0, -1) : lines, isCut }
}

const DIGEST = /Your guestbook today: (\d+).*/

function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(stringsIn)
}

/** @returns a text without the marks that isolate or escape what guests wrote */
function plain(text: string): string {
  return text.replace(/[\\\u2066-\u2069\u200b]/g, '').replaceAll('<br>', '\n')
}

/** @returns the number of events that a digest says it reports, or null if the request is not a digest */
export function countIn({ title }: Text): number | null {
  const [, count] = DIGEST.exec(title) ?? []
  return count === undefined ? null : Number(count)
}

/** @returns how many events a digest counts, and does not list because its text would be too long for the service */
export function onlyCounted(report: Report): number {
  return report.kind === 'text' && report.isCut ? (countIn(report) ?? 0) - report.lines.length : 0
}

/** @returns whether a text for people names an event. All removals from a book have the same text */
export function names(text: string, { type, payload }: Event): boolean {
  const { data } = payload === '' ? { data: {} } : JSON.parse(payload)
  const name = data.comment?.name ?? ''
  switch (type) {
    case 'comment.published':
      return text.includes(`${name} signed `) && !text.includes('(waiting for approval)')
    case 'comment.held':
      return text.includes(`${name} signed `) && text.includes('(waiting for approval)')
    case 'comment.updated':
      return text.includes(`${name}’s entry in `)
    case 'comment.removed':
      return text.includes(`An entry in ${data.book?.title} was removed`)
    case 'endpoint.failing':
    case 'endpoint.disabled':
    case 'endpoint.recovered':
    case 'delivery.failed':
      return text.includes(saidOf(type, endpointIn(data)))
    default:
      return text.includes(wordsIn(payload)[0] ?? type)
  }
}

/** @returns what people call the endpoint that an event is about */
export const endpointIn = (data: { endpoint?: { description?: string; host?: string } }): string =>
  data.endpoint?.description || data.endpoint?.host || ''

/** @returns how a text for people begins */
function saidOf(type: string, endpoint: string): string {
  if (type === 'endpoint.failing') return `The endpoint ${endpoint} is failing`
  if (type === 'endpoint.disabled') return `The endpoint ${endpoint} was disabled`
  if (type === 'endpoint.recovered') return `The endpoint ${endpoint} is working again`
  return `Delivery to ${endpoint} failed`
}

import { DASHBOARD } from '../../../kit/lib/paths'
import { shorten } from '../../../kit/lib/text/shorten'
import { type Link, ownPart, parsePayload } from './catalogue'
import { type Summary, summarize } from './summary'

/** The events of a daily digest. */
export interface Digest {
  /** The payloads of the newest events, newest first. Null for one that is too long to be read. */
  events: { type: string; payload: string | null }[]
  /** How many there are in total, including those that are not listed. */
  count: number
  /** False if there may be even more, because only the latest deliveries are searched. */
  counted_all: boolean
}

/** How many events a digest lists. */
export const DIGEST_MAX = 50
const LINE_MAX = 160

/** @param origin the guestbook's public origin, or null */
export function summarizeDigest({ events, count, counted_all }: Digest, origin: string | null): Summary {
  const plus = counted_all ? '' : '+'
  const more = count - events.length
  const lines = events.map((event) => lineFor(event, origin))
  const failing = events.filter(({ type }) => type === 'endpoint.failing' || type === 'endpoint.disabled').length
  const counts = [
    `${count}${plus} ${count === 1 ? 'event' : 'events'}`,
    ...waitingIn(events),
    ...(failing > 0 ? [`${failing} about failing endpoints`] : []),
  ]
  const links = origin === null ? [] : linksOf(origin)
  return {
    title: `Your guestbook today: ${counts.join(', ')}`,
    text:
      [...lines, ...(more > 0 ? [`… and ${more}${plus} more`] : [])].join('\n') ||
      'The reported events have been deleted.',
    url: links.at(-1)?.url ?? null,
    links,
    is_urgent: failing > 0,
  }
}

/** @returns what waits for the owner, one text for each type of event */
function waitingIn(events: Digest['events']): string[] {
  const types = new Set(events.map(({ type }) => type))
  return [...types].flatMap((name) => {
    const count = events.filter(({ type }) => type === name).length
    return ownPart(name)?.waiting?.(count) ?? []
  })
}

function linksOf(origin: string): Link[] {
  return [
    { label: 'All entries', url: `${origin}${DASHBOARD.entries}` },
    { label: 'Open the dashboard', url: `${origin}/admin` },
  ]
}

/** What waits for the owner has a link to the page where the owner decides. */
function lineFor({ type, payload }: Digest['events'][number], origin: string | null): string {
  if (payload === null) return `• ${type}`
  const { title, text, links } = summarize(parsePayload(payload), origin)
  const words = text.replace(/\s+/g, ' ').trim()
  const line = shorten(`• ${title}: ${words}`, LINE_MAX)
  const link = ownPart(type)?.waiting ? links.at(-1) : undefined
  return link ? `${line}\n  ${link.url}` : line
}

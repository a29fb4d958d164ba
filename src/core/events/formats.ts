import { dataText, type Payload } from './catalogue'
import { toDiscord, toSlack, toTeams } from './chat'
import { summarise } from './summary'

/** What a receiver understands. `standard` is the payload itself, byte for byte. */
export const FORMATS = ['standard', 'slack', 'discord', 'teams', 'cloudevents'] as const
export type Format = (typeof FORMATS)[number]

export interface Rendered {
  contentType: string
  body: string
}

/** @param payload the stored bytes of a message. The same payload always gives the same body, so that each attempt sends the same */
export function renderPayload(format: Format, payload: string): Rendered {
  if (format === 'standard') return { contentType: 'application/json', body: payload }
  const event: Payload = JSON.parse(payload)
  return { contentType: CONTENT_TYPES[format], body: RENDERERS[format](event, payload) }
}

const RENDERERS = {
  slack: (event: Payload) => JSON.stringify(toSlack(summarise(event))),
  discord: (event: Payload) => JSON.stringify(toDiscord(summarise(event))),
  teams: (event: Payload) => JSON.stringify(toTeams(summarise(event))),
  cloudevents: toCloudEvent,
}

const CONTENT_TYPES = {
  slack: 'application/json',
  discord: 'application/json',
  teams: 'application/json',
  cloudevents: 'application/cloudevents+json; charset=utf-8',
}

/**
 * CloudEvents 1.0.2 in the structured mode: https://github.com/cloudevents/spec/blob/main/cloudevents/formats/json-format.md
 * The source is the book's address, where there is one.
 */
function toCloudEvent({ id, type, timestamp, data }: Payload, payload: string): string {
  const { book, comment } = (data ?? {}) as { book?: { url?: unknown }; comment?: { id?: unknown } }
  const source = typeof book?.url === 'string' && book.url ? book.url : 'urn:guesthook'
  const subject = typeof comment?.id === 'string' && comment.id ? { subject: comment.id } : {}
  const head = { specversion: '1.0', id, source, type, ...subject, time: timestamp }
  const before = JSON.stringify({ ...head, datacontenttype: 'application/json' })
  return data === undefined ? before : `${before.slice(0, -1)},"data":${dataText(payload)}}`
}

/** By whose URL it is. A chat takes no other format than its own, and answers with an error that says little. */
const PROPOSALS: [Format, RegExp][] = [
  ['slack', /^https:\/\/hooks\.slack(-gov)?\.com\//i],
  // Both services have an address that takes Slack's format.
  ['slack', /^https:\/\/(\w+\.)?discord(app)?\.com\/api\/(v\d+\/)?webhooks\/\d+\/[^/]+\/slack\b/i],
  ['discord', /^https:\/\/(\w+\.)?discord(app)?\.com\/api\/(v\d+\/)?webhooks\//i],
  ['teams', /^https:\/\/[^/]+\.webhook\.office\.com\//i],
  ['teams', /^https:\/\/[^/]+\.logic\.azure\.(com|us)(:443)?\/workflows\//i],
  ['teams', /^https:\/\/[^/]+\.api\.powerplatform\.com(:443)?\//i],
]

export function proposeFormat(url: string): Format {
  return PROPOSALS.find(([, pattern]) => pattern.test(url))?.[0] ?? 'standard'
}

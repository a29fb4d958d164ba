import { dataText, isAboutComment, type Payload } from './catalogue'
import { toDiscord, toSlack, toTeams } from './chat'
import { summarize, textAt } from './summary'

/** The formats in which an event can be sent. `standard` is the payload itself, byte for byte. */
export const FORMATS = ['standard', 'slack', 'discord', 'teams', 'cloudevents', 'build-hook'] as const
export type Format = (typeof FORMATS)[number]

/**
 * Renders a message for a receiver. The same payload always produces the same body, so every attempt sends the same
 * bytes.
 * @param payload the stored payload, as `serializePayload` wrote it
 */
export function renderPayload(format: Format, payload: string): { contentType: string; body: string } {
  const contentType = 'application/json'
  if (format === 'standard') return { contentType, body: payload }
  const event: Payload = JSON.parse(payload)
  if (format === 'build-hook') return { contentType, body: toBuildHook(event) }
  if (format !== 'cloudevents') return { contentType, body: JSON.stringify(CHATS[format](summarize(event))) }
  return { contentType: 'application/cloudevents+json; charset=utf-8', body: toCloudEvent(event, payload) }
}

const CHATS = { slack: toSlack, discord: toDiscord, teams: toTeams }

/**
 * CloudEvents 1.0.2 in structured mode. Only the guestbook's own events about comments take their source and subject
 * from the data. In other events, the owner or a stranger wrote the data, so it can contain anything.
 * https://github.com/cloudevents/spec/blob/main/cloudevents/formats/json-format.md
 */
function toCloudEvent({ id, type, timestamp, data }: Payload, payload: string): string {
  const head = { specversion: '1.0', id, ...originOf(type, data), type, time: timestamp }
  const before = JSON.stringify({ ...head, datacontenttype: 'application/json' })
  return data === undefined ? before : `${before.slice(0, -1)},"data":${dataText(payload)}}`
}

const GUESTHOOK = 'urn:guesthook'

/**
 * The body of GitHub's `repository_dispatch`; the other services ignore the body of a deploy hook. It contains no text
 * of guests, because everybody who can read the logs of a build can read it. Only the guestbook's own events about
 * comments have a trustworthy book.
 * https://docs.github.com/en/rest/repos/repos#create-a-repository-dispatch-event
 */
function toBuildHook({ id, type, data }: Payload): string {
  const book = isAboutComment(type) ? textAt(data, 'book.slug') : ''
  return JSON.stringify({ event_type: 'guesthook', client_payload: { type, ...(book && { book }), message_id: id } })
}

function originOf(type: string, data: unknown): { source: string; subject?: string } {
  if (!isAboutComment(type)) return { source: GUESTHOOK }
  const url = textAt(data, 'book.url')
  const subject = textAt(data, 'comment.id')
  return { source: isUriReference(url) ? url : GUESTHOOK, ...(subject && { subject }) }
}

/** Checks for the characters that RFC 3986 allows. The address of a book has no others. */
function isUriReference(url: string): boolean {
  return URL.canParse(url) && /^https?:\/\/[\w.:[\]-]+(\/[\w./~-]*)?$/.test(url)
}

/** Chat services accept only their own format, and reject others with vague errors. A deploy hook starts a build. */
const FORMATS_BY_URL: [Format, RegExp][] = [
  ['slack', /^https:\/\/hooks\.slack(-gov)?\.com\//i],
  // Discord accepts Slack's format at this URL.
  ['slack', /^https:\/\/(\w+\.)?discord(app)?\.com\/api\/(v\d+\/)?webhooks\/\d+\/[^/]+\/slack\b/i],
  ['discord', /^https:\/\/(\w+\.)?discord(app)?\.com\/api\/(v\d+\/)?webhooks\//i],
  ['teams', /^https:\/\/[^/]+\.webhook\.office\.com\//i],
  ['teams', /^https:\/\/[^/]+\.logic\.azure\.(com|us)(:443)?\/workflows\//i],
  ['teams', /^https:\/\/[^/]+\.api\.powerplatform\.com(:443)?\//i],
  // Cloudflare Pages, Netlify, Vercel, and GitHub.
  ['build-hook', /^https:\/\/api\.cloudflare\.com\/client\/v4\/pages\/webhooks\/deploy_hooks\//i],
  ['build-hook', /^https:\/\/api\.netlify\.com\/build_hooks\//i],
  ['build-hook', /^https:\/\/api\.vercel\.com\/v1\/integrations\/deploy\//i],
  ['build-hook', /^https:\/\/api\.github\.com\/repos\/[^/?#]+\/[^/?#]+\/dispatches\/?$/i],
]

/** @returns the format to suggest for a receiver's URL; `standard` if the URL is not that of a known service */
export function proposeFormat(url: string): Format {
  return FORMATS_BY_URL.find(([, pattern]) => pattern.test(url))?.[0] ?? 'standard'
}

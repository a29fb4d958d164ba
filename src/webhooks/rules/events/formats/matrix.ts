import type { Link } from '../catalogue'
import type { Summary } from '../summary'
import { asJson, type DeliveryIds, defineFormat, type Target } from './format'
import { asLine, escapeHtml, plainText, quiet } from './lib/plain-text'
import { shortenForFormat } from './lib/shorten'
import { changed, pathnameOf } from './lib/url'

/** The exclamation mark and the colon of a room's id may be percent-encoded. */
const MATRIX_PATH = /^\/_matrix\/client\/(v3|r0)\/rooms\/(!|%21)[^/]{1,255}(\/send\/m\.room\.message)?\/?$/i

export const matrix = defineFormat({
  name: 'matrix',
  label: 'Matrix message',
  service: 'Matrix',
  urls: [/^https:\/\/[^/]+\/_matrix\/client\//i],
  needsAuthorization:
    'Add the header "Authorization: Bearer <access token>", with the access token of the Matrix account.',
  // A room is not a secret, because a header has the token.
  secretPath: 'none',
  check: (url) => (MATRIX_PATH.test(pathnameOf(url)) ? null : NOT_MATRIX),
  target: targetIn,
  render: asJson(toMatrix),
})

const NOT_MATRIX = 'Use the URL of a room: https://<server>/_matrix/client/v3/rooms/!<room id>/send/m.room.message'

/** A Matrix server recognizes a repeat by its path. */
function targetIn(url: string, { message_id, endpoint_id }: DeliveryIds): Target {
  const room = pathnameOf(url)
    .replace(/\/$/, '')
    .replace(/\/send\/m\.room\.message$/, '')
  const pathname = `${room}/send/m.room.message/${message_id}.${endpoint_id}`
  return { method: 'PUT', url: changed(url, { pathname }) }
}

/** An event of Matrix may have 65,536 bytes. A text in HTML can be five times as long. */
const MATRIX_TEXT = 5_000

/** An empty `m.mentions` mentions nobody. https://spec.matrix.org/latest/client-server-api/#mroommessage-msgtypes */
function toMatrix({ title, text, links }: Summary): object {
  const [heading, words] = [title, text].map((part) => shortenForFormat(part.trim(), MATRIX_TEXT, quiet)) as [
    string,
    string,
  ]
  const html = [
    ...(heading ? [`<strong>${escapeHtml(heading)}</strong>`] : []),
    ...(words ? [escapeHtml(words)] : []),
    ...(links.length > 0 ? [links.map(htmlLink).join(' · ')] : []),
  ]
  const end = links.map(asLine).join('\n')
  return {
    msgtype: 'm.text',
    body: plainText({ title, text, end }, MATRIX_TEXT),
    format: 'org.matrix.custom.html',
    formatted_body: html.join('<br>') || '–',
    'm.mentions': {},
  }
}

const htmlLink = ({ label, url }: Link): string => `<a href="${escapeHtml(url)}">${label}</a>`

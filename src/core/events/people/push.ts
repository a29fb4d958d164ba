import type { Link } from '../links'
import type { Summary } from '../summary'
import { shorten } from './shorten'

/*
 * Messages for ntfy, Telegram and Matrix. Guests write the text, so it must not mention people and must not be rendered
 * as markup. Links open a page with one button, because services and previews follow links on their own.
 */

/**
 * A character has at most three bytes for each UTF-16 code unit, so this is less than the 4,096 bytes that ntfy accepts.
 * It turns a longer message into an attachment. The whole JSON may have 8,192 bytes, with room for links: see links.ts.
 */
const NTFY_MESSAGE = 1_200
const NTFY_TITLE = 150

/** A message to publish as JSON at the root of an ntfy server. https://docs.ntfy.sh/publish/#publish-as-json */
export function toNtfy({ title, text, url, links, is_urgent }: Summary, topic: string): object {
  return {
    topic,
    ...(title.trim() && { title: shorten(title, NTFY_TITLE, visible) }),
    message: shorten(text.trim() || title || '–', NTFY_MESSAGE, visible),
    priority: is_urgent ? 4 : 3,
    ...(url && { click: url }),
    ...(links.length > 0 && { actions: links.map((link) => ({ action: 'view', ...link })) }),
  }
}

/** Control characters take up six bytes in JSON, and nobody can read them. */
function visible(text: string): string {
  return text.replace(/[\p{Cc}--[\n]]/gv, ' ')
}

const TELEGRAM_TEXT = 4_096

/**
 * A message for the Telegram Bot API. Without `parse_mode`, text has no markup. Telegram accepts buttons only for
 * https, so other links become text. https://core.telegram.org/bots/api#sendmessage
 * @param chat `chat_id`, and other parameters from the endpoint's URL
 */
export function toTelegram({ title, text, links }: Summary, chat: object): object {
  const { buttons = [], lines = [] } = Object.groupBy(links, ({ url }) =>
    url.startsWith('https://') ? 'buttons' : 'lines'
  )
  const end = lines.map(asLine).join('\n')
  const words = wordsOf({ title, text, end }, TELEGRAM_TEXT)
  return {
    ...chat,
    text: words,
    link_preview_options: { is_disabled: true },
    ...(buttons.length > 0 && {
      reply_markup: { inline_keyboard: [buttons.map(({ label, url }) => ({ text: label, url }))] },
    }),
  }
}

/** An event of Matrix may have 65,536 bytes. A text in HTML can be five times as long. */
const MATRIX_TEXT = 5_000

/**
 * The content of `m.room.message`. An empty `m.mentions` makes sure that no text mentions anybody.
 * https://spec.matrix.org/latest/client-server-api/#mroommessage-msgtypes
 */
export function toMatrix({ title, text, links }: Summary): object {
  const [heading, words] = [title, text].map((part) => shorten(part.trim(), MATRIX_TEXT, quiet)) as [string, string]
  const html = [
    ...(heading ? [`<strong>${htmlText(heading)}</strong>`] : []),
    ...(words ? [htmlText(words)] : []),
    ...(links.length > 0 ? [links.map(htmlLink).join(' · ')] : []),
  ]
  const end = links.map(asLine).join('\n')
  return {
    msgtype: 'm.text',
    body: wordsOf({ title, text, end }, MATRIX_TEXT),
    format: 'org.matrix.custom.html',
    formatted_body: html.join('<br>') || '–',
    'm.mentions': {},
  }
}

/** The title, the text and the links as one text. Only the text is shortened. */
function wordsOf({ title, text, end }: { title: string; text: string; end: string }, max: number): string {
  const start = title.trim() && `${shorten(title.trim(), 250, quiet)}\n\n`
  const rest = end && `\n\n${end}`
  return `${start}${shorten(text.trim(), max - start.length - rest.length, quiet)}${rest}`.trim() || '–'
}

/** A word joiner after each @, which is invisible, so that services do not recognize a mention. */
function quiet(text: string): string {
  return text.replaceAll('@', '@\u2060')
}

function asLine({ label, url }: Link): string {
  return `${label}: ${url}`
}

function htmlLink({ label, url }: Link): string {
  return `<a href="${htmlText(url)}">${label}</a>`
}

const HTML: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\n': '<br>' }

function htmlText(text: string): string {
  return text.replace(/[&<>"\n]/g, (char) => HTML[char] ?? char)
}

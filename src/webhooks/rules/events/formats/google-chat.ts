import { parseUrl } from '../../../../kit/lib/url'
import type { Summary } from '../summary'
import { asJson, defineFormat } from './format'
import { escapeHtml } from './lib/plain-text'
import { shortenForFormat } from './lib/shorten'

export const googleChat = defineFormat({
  name: 'google-chat',
  label: 'Google Chat message',
  service: 'Google Chat',
  urls: [/^https:\/\/chat\.googleapis\.com\/v1\/spaces\//i],
  check: checkWebhook,
  render: asJson(toGoogleChat),
})

const NOT_GOOGLE_CHAT =
  'Copy the full URL of an incoming webhook: https://chat.googleapis.com/v1/spaces/<space>/messages?key=<key>&token=<token>.'

/** Google Chat refuses a URL without its key and its token. A thread may follow. */
function checkWebhook(url: string): string | null {
  const { pathname = '', searchParams } = parseUrl(url) ?? {}
  const hasBoth = ['key', 'token'].every((name) => searchParams?.get(name))
  return hasBoth && /^\/v1\/spaces\/[\w-]{1,100}\/messages$/.test(pathname) ? null : NOT_GOOGLE_CHAT
}

/** A message may have 32,000 bytes, and a character has up to six in JSON. */
const TEXT = 4_000
const FALLBACK = 300

/**
 * A card, because only a text outside of cards can mention people. HTML in it is escaped.
 * https://developers.google.com/workspace/chat/api/reference/rest/v1/cards
 */
function toGoogleChat({ title, text, links }: Summary): object {
  const heading = title.trim()
  const words = text.trim()
  const widgets = [
    ...(words || !heading ? [{ textParagraph: { text: shortenForFormat(words || '–', TEXT, escapeHtml) } }] : []),
    ...(links.length > 0 ? [{ buttonList: { buttons: links.map(buttonOf) } }] : []),
  ]
  const card = {
    ...(heading && { header: { title: shortenForFormat(heading, 200, (same) => same) } }),
    ...(widgets.length > 0 && { sections: [{ widgets }] }),
  }
  const fallbackText = shortenForFormat([heading, words].filter(Boolean).join(': ') || '–', FALLBACK, withoutMentions)
  return { fallbackText, cardsV2: [{ cardId: 'event', card }] }
}

function buttonOf({ label, url }: Summary['links'][number]): object {
  return { text: label, onClick: { openLink: { url } } }
}

/** `<users/all>` mentions everybody. */
const withoutMentions = (text: string): string => text.replace(/[<>]/g, ' ')

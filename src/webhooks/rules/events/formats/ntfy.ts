import type { Summary } from '../summary'
import { asJson, defineFormat } from './format'
import { visible } from './lib/plain-text'
import { shortenForFormat } from './lib/shorten'
import { changed, pathnameOf } from './lib/url'

export const ntfy = defineFormat({
  name: 'ntfy',
  label: 'ntfy notification',
  service: 'ntfy',
  urls: [/^https:\/\/ntfy\.sh\//i],
  secretPath: 'all',
  check: (url) => (topicOf(url) === '' ? NOT_NTFY : null),
  target: (url) => ({ method: 'POST', url: changed(url, { pathname: '/' }) }),
  render: asJson((summary, url) => toNtfy(summary, topicOf(url))),
})

const NOT_NTFY =
  'Use the URL of an ntfy topic, for example https://ntfy.sh/my-topic. A topic has up to 64 letters, digits, dashes and underscores.'

/** @returns the topic in the URL, or an empty string if there is none */
const topicOf = (url: string): string => /^\/([\w-]{1,64})\/?$/.exec(pathnameOf(url))?.[1] ?? ''

/** ntfy attaches texts above 4,096 bytes; a code unit has up to three. The whole JSON may have 8,192, with links. */
const NTFY_MESSAGE = 1_200
const NTFY_TITLE = 150

/** A message to publish as JSON at the root of an ntfy server. https://docs.ntfy.sh/publish/#publish-as-json */
function toNtfy({ title, text, url, links, is_urgent }: Summary, topic: string): object {
  return {
    topic,
    ...(title.trim() && { title: shortenForFormat(title, NTFY_TITLE, visible) }),
    message: shortenForFormat(text.trim() || title || '–', NTFY_MESSAGE, visible),
    priority: is_urgent ? 4 : 3,
    ...(url && { click: url }),
    ...(links.length > 0 && { actions: links.map((link) => ({ action: 'view', ...link })) }),
  }
}

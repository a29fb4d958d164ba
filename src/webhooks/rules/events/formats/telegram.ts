import { cut } from '../../../../kit/lib/text/shorten'
import { parseUrl } from '../../../../kit/lib/url'
import type { Summary } from '../summary'
import { asJson, defineFormat } from './format'
import { asLine, plainText } from './lib/plain-text'
import { changed, pathnameOf } from './lib/url'

export const telegram = defineFormat({
  name: 'telegram',
  label: 'Telegram message',
  service: 'Telegram',
  urls: [/^https:\/\/api\.telegram\.org\/bot/i],
  check: checkTelegram,
  target: (url) => ({ method: 'POST', url: changed(url, { search: '' }) }),
  render: asJson((summary, url) => toTelegram(summary, telegramChat(url))),
})

const NOT_TELEGRAM =
  'Use https://api.telegram.org/bot<token>/sendMessage?chat_id=<chat>, with the token of your bot and the id of the chat.'

const TELEGRAM_PATH = /^\/bot\d{1,20}:[\w-]{20,100}\/sendMessage$/
/** The parameters of `sendMessage` that the URL may contain. Only the chat is required. */
const CHAT_PARAMETERS = new Map([
  ['chat_id', /^(-?\d{1,20}|@\w{4,64})$/],
  ['message_thread_id', /^\d{1,20}$/],
  ['disable_notification', /^(true|false)$/],
])

function checkTelegram(url: string): string | null {
  const parameters = [...(parseUrl(url)?.searchParams ?? [])]
  const wrong = parameters.find(([name, value]) => !CHAT_PARAMETERS.get(name)?.test(value))
  if (wrong) {
    const names = [...CHAT_PARAMETERS.keys()].join(', ')
    return `"${cut(wrong.join('='), 60)}" is not valid in the URL. It can contain ${names}.`
  }
  const hasChat = parameters.some(([name]) => name === 'chat_id')
  return hasChat && TELEGRAM_PATH.test(pathnameOf(url)) ? null : NOT_TELEGRAM
}

/** @returns the parameters in the URL, for the body of `sendMessage` */
function telegramChat(url: string): Record<string, string | boolean> {
  const parameters = [...(parseUrl(url)?.searchParams ?? [])]
  return Object.fromEntries(
    parameters.map(([name, value]) => [name, name === 'disable_notification' ? value === 'true' : value])
  )
}

const TELEGRAM_TEXT = 4_096

/**
 * Without `parse_mode`, text has no markup. Telegram accepts buttons only for https, so other links become text.
 * https://core.telegram.org/bots/api#sendmessage @param chat what the URL has: `chat_id`, and other parameters
 */
function toTelegram({ title, text, links }: Summary, chat: object): object {
  const { buttons = [], lines = [] } = Object.groupBy(links, ({ url }) =>
    url.startsWith('https://') ? 'buttons' : 'lines'
  )
  const end = lines.map(asLine).join('\n')
  const words = plainText({ title, text, end }, TELEGRAM_TEXT)
  return {
    ...chat,
    text: words,
    link_preview_options: { is_disabled: true },
    ...(buttons.length > 0 && {
      reply_markup: { inline_keyboard: [buttons.map(({ label, url }) => ({ text: label, url }))] },
    }),
  }
}

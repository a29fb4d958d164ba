import { cut } from '../../lib/shorten'
import { parseUrl } from '../../lib/url'
import type { Format } from '../formats'
import { mailtoAddress } from './email'

/*
 * Where requests of each format go. For most formats, that is the endpoint's URL. The services for people have
 * addresses of their own shape, which contain the topic, the chat or the room.
 */

interface Target {
  method: 'POST' | 'PUT'
  url: string
}

/**
 * @param url the endpoint's URL, which `checkTarget` and the URL policy have accepted
 * @param delivery the same for every attempt, so that a Matrix server recognizes a repeat
 * @returns the request's method and URL. The URL has the same origin as the endpoint's URL
 */
export function targetOf(format: Format, url: string, delivery: { message_id: string; endpoint_id: string }): Target {
  if (format === 'ntfy') return { method: 'POST', url: changed(url, { pathname: '/' }) }
  if (format === 'telegram') return { method: 'POST', url: changed(url, { search: '' }) }
  if (format !== 'matrix') return { method: 'POST', url }
  const { message_id, endpoint_id } = delivery
  const room = pathOf(url)
    .replace(/\/$/, '')
    .replace(/\/send\/m\.room\.message$/, '')
  const pathname = `${room}/send/m.room.message/${message_id}.${endpoint_id}`
  return { method: 'PUT', url: changed(url, { pathname }) }
}

function changed(url: string, part: Partial<Pick<URL, 'pathname' | 'search'>>): string {
  const target = parseUrl(url)
  return target ? Object.assign(target, part).href : url
}

/** @returns what is wrong with the URL of an endpoint with this format, and what to do; null if it can be used */
export function checkTarget(format: Format, url: string): string | null {
  switch (format) {
    case 'ntfy':
      return ntfyTopic(url) === '' ? NOT_NTFY : null
    case 'telegram':
      return checkTelegram(url)
    case 'matrix':
      return MATRIX_PATH.test(pathOf(url)) ? null : NOT_MATRIX
    case 'email':
      return mailtoAddress(url) === null ? NOT_EMAIL : null
    default:
      return /^mailto:/i.test(url) ? MAILTO : null
  }
}

const NOT_NTFY =
  'Use the URL of an ntfy topic, for example https://ntfy.sh/my-topic. A topic has up to 64 letters, digits, dashes and underscores.'
const NOT_TELEGRAM =
  'Use https://api.telegram.org/bot<token>/sendMessage?chat_id=<chat>, with the token of your bot and the id of the chat.'
const NOT_MATRIX =
  'Use the URL of a room: https://<server>/_matrix/client/v3/rooms/<room id>/send/m.room.message. A room id starts with an exclamation mark.'
const NOT_EMAIL = 'Use mailto: and one address, for example mailto:owner@example.com.'
const MAILTO = 'A mailto: address needs the format email.'

/** @returns the topic in the URL, or an empty string if there is none */
export function ntfyTopic(url: string): string {
  return /^\/([\w-]{1,64})\/?$/.exec(pathOf(url))?.[1] ?? ''
}

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
  return hasChat && TELEGRAM_PATH.test(pathOf(url)) ? null : NOT_TELEGRAM
}

/** @returns the parameters in the URL, for the body of `sendMessage` */
export function telegramChat(url: string): Record<string, string | boolean> {
  const parameters = [...(parseUrl(url)?.searchParams ?? [])]
  return Object.fromEntries(
    parameters.map(([name, value]) => [name, name === 'disable_notification' ? value === 'true' : value])
  )
}

/** The exclamation mark and the colon of a room's id may be percent-encoded. */
const MATRIX_PATH = /^\/_matrix\/client\/(v3|r0)\/rooms\/(!|%21)[^/]{1,255}(\/send\/m\.room\.message)?\/?$/i

function pathOf(url: string): string {
  return parseUrl(url)?.pathname ?? ''
}

import { parseUrl } from '../../../kit/lib/url'
import { type Format, formatOf, proposeFormat } from '../events/formats'
import { URL_MAX } from './url-policy'

/* The URLs of many receivers work like passwords: they contain the token of a bot, or a name that nobody can guess. */

/** Stands in for a secret. It is accepted where a service expects a token, so that a backup can be restored. */
const HIDDEN = 'hidden-hidden-hidden'

/** A part that is probably random: at least 16 characters, with digits and letters. */
const RANDOM = /^(?=.*\d)(?=.*[a-z])\S{16,}$/i
const SECRET_PARAMETER = /auth|token|secret|passw|key|sig|code|credential|session/i

/** @returns the URL for somebody who may not see secrets, also valid. A URL without a secret stays as it is */
export function hideSecretIn(url: string, format: Format): string {
  const parsed = formatOf(format).isEmail ? null : parseUrl(url)
  if (!parsed?.host) return url
  // A format of no service is sent to any URL.
  const service = formatOf(format).urls ? format : proposeFormat(url)
  const path = parsed.pathname.replace(/[^/]+/g, (part) => hidePart(part, service))
  const query = parsed.search.replace(/([^?&=]+)(=[^&]*)?/g, (pair, name: string, value = '') => {
    if (value === '') return RANDOM.test(name) ? HIDDEN : pair
    return SECRET_PARAMETER.test(name) || RANDOM.test(value.slice(1)) ? `${name}=${HIDDEN}` : pair
  })
  const shown = parsed.origin + path + query
  return shown.length > URL_MAX ? `${parsed.origin}/${HIDDEN}` : shown
}

/** The number of a Telegram bot is public. */
function hidePart(part: string, service: Format): string {
  const { secretPath = 'random' } = formatOf(service)
  if (secretPath === 'none') return part
  const bot = /^bot\d+:/.exec(part)?.[0]
  if (bot !== undefined) return bot + HIDDEN
  return secretPath === 'all' || RANDOM.test(part) ? HIDDEN : part
}

/** Whether `hideSecretIn` has made the URL, so that nothing can be sent to it. */
export const isHiddenUrl = (url: string): boolean => url.includes(HIDDEN)

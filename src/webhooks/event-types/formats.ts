import { catching } from '../../kit/lib/result'
import { parseUrl } from '../../kit/lib/url'

/*
 * The values of the keyword `format`. The validator's own checks are patterns of 6 KB, and one of them takes
 * exponential time. These take linear time. They accept everything that those accept, except quotation marks in a URI
 * reference and, for `url`, what cannot be parsed, such as a port above 65535.
 */

type Check = (text: string) => boolean

const matches =
  (pattern: RegExp): Check =>
  (text) =>
    pattern.test(text)

const TIME = /^([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?(z|[+-]([01]\d|2[0-3]):[0-5]\d)$/i
/** A character of a URI: https://www.rfc-editor.org/rfc/rfc3986#section-2 */
const CHARACTER = '(?:[!#$&-;=?-[\\]_a-z~]|%[0-9a-f]{2})'

/** A day that the calendar has. */
function isDate(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text) && new Date(`${text}T00:00:00Z`).toJSON()?.startsWith(text) === true
}

function isDateTime(text: string): boolean {
  const [date = '', time = '', ...more] = text.split(/t|\s/i)
  return more.length === 0 && isDate(date) && TIME.test(time)
}

/** By name: https://json-schema.org/draft/2020-12/json-schema-validation#section-7.3 */
export const STRING_FORMATS: Record<string, Check> = {
  date: isDate,
  time: matches(TIME),
  'date-time': isDateTime,
  duration: matches(/^P(?=[\dT])(\d+W|(\d+Y)?(\d+M)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+S)?)?)$/),
  email: matches(/^("[ -~]*"|[^\s@"]+)@[^\s@]+$/),
  hostname: matches(/^(?!.{254})(?!-)([a-z\d-]{1,63}(?<!-)(\.(?=[a-z\d])|$))+$/i),
  ipv4: (text) => text.split('.').length === 4 && text.split('.').every((n) => /^\d{1,3}$/.test(n) && Number(n) < 256),
  ipv6: (text) => /^[\da-f:.]+$/i.test(text) && parseUrl(`http://[${text}]`) !== null,
  'json-pointer': matches(/^(\/([^~/]|~[01])*)*$/),
  'relative-json-pointer': matches(/^\d+(#|(\/([^~/]|~[01])*)*)$/),
  regex: (text) => catching(SyntaxError, () => new RegExp(text, 'u')) !== undefined,
  uri: matches(new RegExp(`^[a-z][a-z\\d+.-]*:${CHARACTER}*$`, 'i')),
  'uri-reference': matches(new RegExp(`^${CHARACTER}*$`, 'i')),
  'uri-template': matches(/^([^\0- "<>\\^`{|}%]|%[\da-f]{2}|\{[^{}]+\})*$/i),
  url: (text) => parseUrl(text) !== null,
  uuid: matches(/^[\da-f]{8}-([\da-f]{4}-){3}[\da-f]{12}$/i),
}

import { asNumber } from '../../../kit/lib/numbers'
import { cut, shorten } from '../../../kit/lib/text/shorten'

/* Filters of templates: each turns a value into another, never throws, and gives a result of limited length. */

const TEXT_MAX = 20_000

type Filter = (value: unknown, args: string[]) => unknown

const FILTERS: Record<string, Filter> = {
  default: (value, [other = '']) => (value === undefined || value === null || value === '' ? other : value),
  truncate: (value, [length = '100']) => truncate(asText(value), Number(length)),
  upper: (value) => asText(value).toUpperCase(),
  lower: (value) => asText(value).toLowerCase(),
  trim: (value) => asText(value).trim(),
  strip_html: (value) => asText(value).replace(/<[^<>]*>/g, ''),
  first: (value) => (Array.isArray(value) ? value[0] : [...asText(value)][0]),
  last: (value) => (Array.isArray(value) ? value.at(-1) : [...asText(value)].at(-1)),
  size: (value) => (Array.isArray(value) ? value.length : [...asText(value)].length),
  join: (value, [between = ', ']) => (Array.isArray(value) ? value.slice(0, 100).map(asText).join(between) : value),
  replace: (value, [from = '', to = '']) =>
    from === '' ? value : cut(asText(value), 1_000).replaceAll(from, () => to),
  date: (value) => asDate(value),
}

export const isFilter = (name: string): boolean => Object.hasOwn(FILTERS, name)

/** @returns the filtered value; a string is cut off after 20,000 characters; undefined if there is no such filter */
export function applyFilter(name: string, value: unknown, args: string[]): unknown {
  const filtered = FILTERS[name]?.(value, args)
  return typeof filtered === 'string' ? cut(filtered, TEXT_MAX) : filtered
}

function asText(value: unknown): string {
  if (typeof value === 'string') return cut(value, TEXT_MAX)
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return ''
}

/** @param length in code points. Anything but a positive whole number stands for 100 */
function truncate(text: string, length: number): string {
  return shorten(text, Number.isInteger(length) && length > 0 ? length : 100)
}

/** @param value seconds, milliseconds, or a text. @returns for example `2026-11-24`, or the value if it is no time */
function asDate(value: unknown): unknown {
  const number = asNumber(value)
  const isSeconds = Math.abs(number) < 1e11
  const at = Number.isNaN(number) ? Date.parse(asText(value)) : number
  const time = new Date(isSeconds ? at * 1_000 : at)
  // Other years have a sign and six digits.
  const [date] = Number.isNaN(time.getTime()) ? [] : (/^\d{4}-\d\d-\d\d/.exec(time.toISOString()) ?? [])
  return date ?? value
}

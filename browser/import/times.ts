/*
 * Times as other systems and people write them. Only years from 1991 on count: there was no guestbook before the web.
 */

const FIRST = Date.UTC(1991, 0)
const MAX_LENGTH = 120
/** Numbers below this are seconds, all others milliseconds. */
const SECONDS_BELOW = 100_000_000_000

const NUMBER = /^\d{9,13}(\.\d{1,9})?$/
/** MySQL wrote times without separators, and so does the basic format of ISO 8601. */
const COMPACT = /^(\d{4})(\d\d)(\d\d)(?:T?(\d\d)(\d\d)(\d\d))?(?=Z?$)/
/** PostgreSQL leaves out the minutes of an offset. */
const ISO =
  /(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d(?:\.\d{1,3})?)\d{0,9})?)?(?: ?(?:UTC|GMT)?(Z\b|[+-]\d\d:?\d\d)|(?<=:\d\d:[\d.]+)([+-]\d\d)\b)?/
const DAY_MONTH = /\b(\d{1,2})(?:st|nd|rd|th|er|\.)?[ /-](?:de )?([a-z]{3,10})\.?,?[ /-](?:de )?(\d{4}|\d\d)\b/
const MONTH_DAY = /\b([a-z]{3,10})\.? (\d{1,2})(?:st|nd|rd|th)?,? (?:.{0,20} )?(\d{4})\b/
const YEAR_FIRST = /\b(\d{4})([./-])(\d{1,2})\2(\d{1,2})\b/
const DOTS = /\b(\d{1,2})\.(\d{1,2})\.(\d{4}|\d\d)\b/
const SLASHES = /\b(\d{1,2})[/-](\d{1,2})[/-](\d{4}|\d\d)\b/
const CLOCK = /\b(\d{1,2}):(\d\d)(?::(\d\d))? ?([ap]\.?m\b)?/
const OFFSET = /(?<=\d )[+-]\d\d:?\d\d\b|(?<=gmt|utc)[+-]\d\d?(?::?\d\d)?\b/

/** English, German, French, Spanish and Portuguese, without accents. */
const MONTHS =
  'jan|ene,feb|fev,mar|mrz,apr|avr|abr,may|mai,jun|juin,jul|juil,aug|aou|ago,sep|set,oct|okt|out,nov,dec|dez|dic'
    .split(',')
    .map((names) => names.split('|'))

/**
 * @param given a number, or a text that contains a date. Of `3/4/98`, the first number is the month unless it is over 12
 * @param now epoch milliseconds
 * @returns epoch milliseconds, or null if there is no date or an impossible one. A time without a zone is read as UTC
 */
export function parseTime(given: unknown, now: number): number | null {
  const text = String(given ?? '')
    .slice(0, MAX_LENGTH)
    .trim()
    .replace(COMPACT, '$1-$2-$3 $4:$5:$6')
  const at = NUMBER.test(text) ? fromNumber(Number(text)) : (fromIso(text) ?? fromWords(text))
  return at !== null && at >= FIRST && at <= now ? Math.floor(at) : null
}

function fromNumber(value: number): number {
  return value < SECONDS_BELOW ? value * 1_000 : value
}

function fromIso(text: string): number | null {
  const [found, ...parts] = ISO.exec(text) ?? []
  if (found === undefined) return null
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts
    .slice(0, 6)
    .map((part) => Number(part ?? 0))
  return date(year, month, day, (hour * 60 + minute - offsetOf(parts[6] ?? parts[7])) * 60 + second)
}

/** @returns how many minutes east of Greenwich */
function offsetOf(text = ''): number {
  const [, sign = '', hours = 0, minutes = 0] = /^([+-])(\d\d?):?(\d\d)?$/.exec(text) ?? []
  return (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1 : 1)
}

/** Finds a date and a time of day among other words. */
function fromWords(given: string): number | null {
  const text = given.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replace(/\s+/g, ' ')
  const found = findDay(text)
  if (!found) return null
  const [, hour = '0', minute = '0', second = '0', half] = CLOCK.exec(text) ?? []
  const hours = half ? (Number(hour) % 12) + (half.startsWith('p') ? 12 : 0) : Number(hour)
  return date(...found, (hours * 60 + Number(minute) - offsetOf(OFFSET.exec(text)?.[0])) * 60 + Number(second))
}

type Day = [year: number, month: number, day: number]

function findDay(text: string): Day | null {
  const [, day1, name1 = '', year1] = DAY_MONTH.exec(text) ?? []
  if (monthOf(name1) > 0) return [yearOf(year1), monthOf(name1), Number(day1)]
  const [, name2 = '', day2, year2] = MONTH_DAY.exec(text) ?? []
  if (monthOf(name2) > 0) return [yearOf(year2), monthOf(name2), Number(day2)]
  const [, year5, , month5, day5] = YEAR_FIRST.exec(text) ?? []
  if (year5 !== undefined) return [Number(year5), Number(month5), Number(day5)]
  const [, day3, month3, year3] = DOTS.exec(text) ?? []
  if (day3 !== undefined) return [yearOf(year3), Number(month3), Number(day3)]
  const [, first, second, year4] = SLASHES.exec(text) ?? []
  if (first === undefined) return null
  const isDayFirst = Number(first) > 12
  return [yearOf(year4), Number(isDayFirst ? second : first), Number(isDayFirst ? first : second)]
}

/** @returns 1 to 12, or 0 if it is not the name of a month */
function monthOf(name: string): number {
  return MONTHS.findIndex((names) => names.some((start) => name.startsWith(start))) + 1
}

function yearOf(digits = ''): number {
  const year = Number(digits)
  return digits.length > 2 ? year : year + (year < 70 ? 2_000 : 1_900)
}

/** @returns null if there is no such day */
function date(year: number, month: number, day: number, seconds: number): number | null {
  const midnight = Date.UTC(year, month - 1, day)
  return new Date(midnight).getUTCDate() === day && month <= 12 ? midnight + seconds * 1_000 : null
}

/*
 * An ID consists of a prefix for the kind of object and a ULID (https://github.com/ulid/spec): 48 bits of epoch
 * milliseconds and 80 random bits, in Crockford's base32. IDs therefore sort by creation time.
 */
const PREFIXES = ['cmt', 'ep', 'msg', 'src', 'in', 'job', 'key', 'req', 'ban', 'aud', 'imp', 'pic'] as const
export type IdPrefix = (typeof PREFIXES)[number]

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const VALUES = new Map([...ALPHABET].map((digit, value) => [digit, value]))
const TIME_CHARS = 10
const ULID_CHARS = 26
export const ID_RANDOM_BYTES = 10
const MAX_TIME = 2 ** 48 - 1

/** @param now epoch ms @param random 10 bytes @returns such as `msg_01JD9Z6Y3T8W5Q7R2K4M6N8P0A` @throws RangeError */
export function newId(prefix: IdPrefix, now: number, random: Uint8Array): string {
  if (!Number.isInteger(now) || now < 0 || now > MAX_TIME) throw new RangeError(`Invalid time for an ID: ${now}`)
  if (random.length !== ID_RANDOM_BYTES) throw new RangeError('An ID needs 10 random bytes.')
  return `${prefix}_${encodeTime(now)}${encodeRandom(random)}`
}

/** @returns the smallest ID for that millisecond, for use as the boundary of a time range */
export function firstIdAt(prefix: IdPrefix, time: number): string {
  return newId(prefix, time, new Uint8Array(ID_RANDOM_BYTES))
}

/** @returns the time in an ID, in epoch milliseconds; NaN if the text is not an ID */
export function timeOfId(id: string): number {
  const digits = id.slice(id.indexOf('_') + 1).slice(0, TIME_CHARS)
  return [...digits].reduce((time, digit) => time * 32 + (VALUES.get(digit) ?? Number.NaN), 0)
}

/** Checks only the format. The first digit is at most 7, because 26 digits can hold 130 bits and a ULID has 128. */
export function isId(prefix: IdPrefix, text: string): boolean {
  return text.length === prefix.length + 1 + ULID_CHARS && idPattern(prefix).test(text)
}

export const idPattern = (prefix: IdPrefix): RegExp => PATTERNS[prefix]

const PATTERNS = Object.fromEntries(
  PREFIXES.map((prefix) => [prefix, new RegExp(`^${prefix}_[0-7][${ALPHABET}]{25}$`)])
) as Record<IdPrefix, RegExp>

function encodeTime(now: number): string {
  let text = ''
  for (let i = 0, rest = now; i < TIME_CHARS; i++, rest = Math.floor(rest / 32)) {
    text = ALPHABET[rest % 32] + text
  }
  return text
}

function encodeRandom(random: Uint8Array): string {
  let text = ''
  let bits = 0
  let buffer = 0
  for (const byte of random) {
    buffer = ((buffer << 8) | byte) & 0xfff
    bits += 8
    for (; bits >= 5; bits -= 5) text += ALPHABET[(buffer >> (bits - 5)) & 31]
  }
  return text
}

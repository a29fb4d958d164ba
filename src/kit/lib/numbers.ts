/* Numbers as somebody wrote them. A double keeps 15 to 17 digits, and IDs often have 18 or 19. */

/** @returns the number, or the number that a string represents; NaN for anything else */
export function asNumber(value: unknown): number {
  if (typeof value === 'number') return value
  return typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN
}

/** Compares two numbers, or strings that represent numbers, exactly. @returns below, equal to or above 0; otherwise NaN */
export function compareNumbers(a: unknown, b: unknown): number {
  const [first, second] = [asNumber(a), asNumber(b)]
  // Rounding keeps the order, so the digits matter only for numbers that round to the same double.
  return first === second ? compareDecimals(String(a), String(b)) : first - second
}

/** @returns whether a double holds the number: 9007199254740992 and 0.1, but neither 9007199254740993 nor 1e400 */
export function fitsDouble(text: string): boolean {
  const number = Number(text)
  return Number.isFinite(number) && compareNumbers(text, String(number)) === 0
}

/** `sign` times 0.`digits` times ten to the `power`. */
type Decimal = { sign: -1 | 0 | 1; digits: string; power: number }

function compareDecimals(a: string, b: string): number {
  const [first, second] = [readDecimal(a), readDecimal(b)]
  // Other spellings, such as 0x10, are compared as doubles.
  if (!first || !second) return 0
  if (first.sign !== second.sign) return first.sign - second.sign
  if (first.power !== second.power) return first.sign * (first.power - second.power)
  const length = Math.max(first.digits.length, second.digits.length)
  const [one, other] = [first.digits.padEnd(length, '0'), second.digits.padEnd(length, '0')]
  return one === other ? 0 : first.sign * (one < other ? -1 : 1)
}

function readDecimal(text: string): Decimal | null {
  const [found, minus, whole = '', fraction = '', exponent = '0'] =
    /^\s*(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?\s*$/.exec(text) ?? []
  if (found === undefined) return null
  const digits = `${whole}${fraction}`.replace(/^0+/, '')
  if (digits === '') return { sign: 0, digits, power: 0 }
  return { sign: minus ? -1 : 1, digits, power: digits.length - fraction.length + Number(exponent) }
}

import { readCountry } from '../../../access/rules/browser'

/* Where the guests of a book come from, as Cloudflare guesses it from their addresses. */

export interface Country {
  /** An ISO 3166 code. */
  code: string
  flag: string
}

/** More countries than this would not fit on a line. */
const MAX_COUNTRIES = 12

/** @param codes the countries of entries. @returns each country once, the most frequent first */
export function rankCountries(codes: (string | null)[]): Country[] {
  const counts = new Map<string, number>()
  for (const code of codes.flatMap((one) => readCountry(one) ?? [])) counts.set(code, (counts.get(code) ?? 0) + 1)
  const ranked = [...counts].sort(([one, a], [other, b]) => b - a || (one < other ? -1 : 1))
  return ranked.slice(0, MAX_COUNTRIES).map(([code]) => ({ code, flag: flagOf(code) }))
}

const REGIONAL_A = 0x1f1e6

/** A flag is two regional indicators (https://www.unicode.org/reports/tr51/#Flags). */
function flagOf(code: string): string {
  return String.fromCodePoint(...[...code].map((letter) => REGIONAL_A + letter.charCodeAt(0) - 65))
}

import { err, ok, type Result } from '../lib/result'
import type { Fault } from './css/faults'
import { writeSheet } from './css/sheet'
import { readTokens } from './css/tokens'

/*
 * A book's own CSS. The owner writes it, but a leaked token or a copied snippet must not be able to track guests or to
 * change more than the page. So the cleaner keeps what it knows, and refuses the rest:
 *
 * - It reads tokens, and writes a new sheet from their decoded values. Nothing of the source text is copied.
 * - Names of properties, functions, units, elements and media features are on lists (css/allowed.ts).
 * - Nothing loads: there are no URLs, imports, or fonts. No attribute selectors, which can tell what a guest types.
 * - Each selector starts with `.page`, and no `<` is in the result, so that the sheet cannot end a style element.
 *
 * The result is a sheet that the cleaner accepts, and returns unchanged.
 */

/** In UTF-16 code units, for the sheet as written and for the result. */
export const CSS_MAX = 20_000
const FAULTS_MAX = 20

export interface CssFault {
  line: number
  message: string
}

/**
 * Makes a sheet safe.
 * @param text what the owner wrote, of any length
 * @returns the clean sheet, minified, with each selector in the scope of `.page`; or at most 20 faults, in order
 */
export function cleanCss(text: string): Result<string, CssFault[]> {
  if (text.length > CSS_MAX) return err([{ line: 1, message: TOO_LONG }])
  const tokens = readTokens(text)
  if (!tokens.ok) return err(located(text, tokens.error))
  const sheet = writeSheet(tokens.value)
  if (!sheet.ok) return err(located(text, sheet.error))
  return sheet.value.length > CSS_MAX ? err([{ line: 1, message: TOO_LONG }]) : ok(sheet.value)
}

const LIMIT = CSS_MAX.toLocaleString('en')
const TOO_LONG = `Shorten the CSS. With ".page" in front of each selector, it may have ${LIMIT} characters.`

function located(text: string, faults: Fault[]): CssFault[] {
  return faults
    .toSorted((a, b) => (a.at ?? 0) - (b.at ?? 0))
    .slice(0, FAULTS_MAX)
    .map(({ at, message }) => ({ line: lineOf(text, at ?? 0), message }))
}

function lineOf(text: string, at: number): number {
  return text.slice(0, at).split(/\r\n|[\n\r\f]/).length
}

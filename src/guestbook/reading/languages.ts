import { optionalFile } from '../../kit/http/paths/public-file'
import { english, type Language, makeTranslator, TRANSLATED, type Translator } from '../rules/languages'
import type { Texts } from '../rules/languages/en'

const FILES = new Map<Language, (env: Env) => Promise<Texts | null>>(
  TRANSLATED.map((code) => [code, optionalFile<Texts | null>(`languages/${code}.json`, null)])
)

/** Making the formats of a language takes more CPU time than a page, so each isolate makes them once. */
const known = new Map<Language, Translator>()

let missing = 0

/** @returns how often a file could not be read. What was rendered meanwhile may be in English, and must not be kept */
export const countMissing = (): number => missing

/** @returns the English one if the file of a language cannot be read, so that guests can read and sign anyway */
export async function translator(env: Env, language: Language): Promise<Translator> {
  const ready = known.get(language)
  if (ready) return ready
  const read = FILES.get(language)
  const texts = await read?.(env)
  if (read && !texts) missing += 1
  if (!texts) return english()
  const made = makeTranslator(language, texts)
  known.set(language, made)
  return made
}

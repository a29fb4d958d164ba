import { optionalFile } from '../../kit/http/paths/public-file'
import { english, type Language, makeTranslator, TRANSLATED, type Translator } from '../rules/languages'
import type { Texts } from '../rules/languages/en'

const FILES = new Map<Language, (env: Env) => Promise<Texts | null>>(
  TRANSLATED.map((code) => [code, optionalFile<Texts | null>(`languages/${code}.json`, null)])
)

/** Making the formats of a language takes more CPU time than a page, so each isolate makes them once. */
const known = new Map<Language, Translator>()

/**
 * @returns the English one if the file of a language cannot be read, so that guests can read and sign anyway. A page that
 *   was rendered with it may be shown until its book changes
 */
export async function translator(env: Env, language: Language): Promise<Translator> {
  const ready = known.get(language)
  if (ready) return ready
  const texts = await FILES.get(language)?.(env)
  if (!texts) return english()
  const made = makeTranslator(language, texts)
  known.set(language, made)
  return made
}

import { publicFile } from '../../kit/http/paths/public-file'
import { logFault } from '../../log'
import { english, type Language, makeTranslator, TRANSLATED, type Translator } from '../rules/languages'
import type { Texts } from '../rules/languages/en'

const FILES = new Map<Language, (env: Env) => Promise<Texts>>(
  TRANSLATED.map((code) => [code, publicFile<Texts>(`languages/${code}.json`)])
)

/** Making the formats of a language takes more CPU time than a page, so each isolate makes them once. */
const known = new Map<Language, Translator>()

/**
 * @returns the English one if the file of a language cannot be read, so that guests can read and sign anyway. A page that
 *   was rendered with it may be shown until its book changes
 */
export async function translator(env: Env, language: Language): Promise<Translator> {
  const ready = known.get(language)
  const read = FILES.get(language)
  if (ready || !read) return ready ?? english()
  try {
    const made = makeTranslator(language, await read(env))
    known.set(language, made)
    return made
  } catch (cause) {
    logFault('language.fault', cause, { language })
    return english()
  }
}

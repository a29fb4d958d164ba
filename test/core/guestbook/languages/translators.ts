import ar from '../../../../public/languages/ar.json'
import de from '../../../../public/languages/de.json'
import es from '../../../../public/languages/es.json'
import fr from '../../../../public/languages/fr.json'
import ja from '../../../../public/languages/ja.json'
import pt from '../../../../public/languages/pt.json'
import { type Language, makeTranslator, type Translator } from '../../../../src/guestbook/rules/languages'
import { EN, type Texts } from '../../../../src/guestbook/rules/languages/en'

/** The texts of every language, as the Worker reads them from public/. */
export const TEXTS = { en: EN, ar, de, es, fr, ja, pt } as Record<Language, Texts>

export function translator(language: Language): Translator {
  return makeTranslator(language, TEXTS[language])
}

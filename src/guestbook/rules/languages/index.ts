import { EN, type TextKey, type Texts } from './en'

/**
 * The languages that guests can read, by what each calls itself. Each has a file in public/languages. The Worker
 * contains only English, because most isolates need no other: see guestbook/reading/languages.ts.
 */
export const LANGUAGES = {
  en: 'English',
  de: 'Deutsch',
  fr: 'Français',
  es: 'Español',
  pt: 'Português',
  ja: '日本語',
  ar: 'العربية',
}

export type Language = keyof typeof LANGUAGES

export const LANGUAGE_CODES = Object.keys(LANGUAGES) as Language[]
export const TRANSLATED = LANGUAGE_CODES.filter((code) => code !== 'en')

/** The values for the places in a text. `count` also chooses the plural form. */
export type TextValues = Record<string, string | number>

export interface Translator {
  language: Language
  direction: 'ltr' | 'rtl'
  text(key: TextKey, values?: TextValues): string
  /** @param at epoch milliseconds. @returns the date and time in UTC */
  time(at: number): string
  /** @param code an ISO 3166 country code. @returns the name of the country */
  country(code: string): string
}

let inEnglish: Translator | undefined

/** Made when it is first needed: see `makeTranslator`. */
export function english(): Translator {
  inEnglish ??= makeTranslator('en', EN)
  return inEnglish
}

/** Making the formats of a language takes more CPU time than a page, so make them once. */
export function makeTranslator(language: Language, texts: Texts): Translator {
  // In American English, the month would come first.
  const locale = language === 'en' ? 'en-GB' : language
  const plural = new Intl.PluralRules(locale)
  const numbers = new Intl.NumberFormat(locale)
  const times = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' })
  // Few pages show countries.
  let countries: Intl.DisplayNames | undefined
  const show = (value: string | number) => (typeof value === 'number' ? numbers.format(value) : value)
  return {
    language,
    direction: texts.direction,
    text(key, values = {}) {
      const found = texts[key]
      const form = typeof found === 'string' ? found : (found[plural.select(Number(values.count))] ?? found.other)
      return form.replace(/\{(\w+)\}/g, (place, name: string) => show(values[name] ?? place))
    },
    time: (at) => `${times.format(at)} UTC`,
    country: (code) => {
      countries ??= new Intl.DisplayNames(locale, { type: 'region' })
      return countries.of(code) ?? code
    },
  }
}

/** The languages that a browser may ask for are counted before they are parsed. */
const MAX_RANGES = 20

/** @param accepted the header `Accept-Language` (RFC 9110, section 12.5.4), looked up as in RFC 4647, section 3.4 */
export function chooseLanguage(accepted: string | undefined): Language {
  const ranges = (accepted ?? '').split(',', MAX_RANGES).map((range, i) => {
    const [tag = '', ...parameters] = range.toLowerCase().split(';')
    const q = parameters.map((one) => /^\s*q\s*=\s*([\d.]+)/.exec(one)?.[1]).find(Boolean) ?? '1'
    return { tag: tag.trim(), q: Number(q), i }
  })
  // A language that is refused is not read as the fallback of a region either.
  const refused = ranges.filter(({ q }) => !(q > 0)).map(({ tag }) => tag)
  const preferred = ranges.toSorted((one, other) => other.q - one.q || one.i - other.i)
  const codes = preferred.filter(({ q }) => q > 0).map(({ tag }) => tag.split('-')[0] ?? '')
  return codes.filter(isLanguage).find((code) => !refused.includes(code)) ?? 'en'
}

export const isLanguage = (code: string): code is Language => Object.hasOwn(LANGUAGES, code)

import TEXTS from '../../../../public/languages/en.json' with { type: 'json' }

export type TextKey = Exclude<keyof typeof TEXTS, 'direction'>
type Forms = { other: string } & Partial<Record<Intl.LDMLPluralRule, string>>

/** The texts of one language. */
export type Texts = {
  [K in keyof typeof TEXTS]: K extends 'direction' ? 'ltr' | 'rtl' : (typeof TEXTS)[K] extends string ? string : Forms
}

/**
 * Every text that guests see, in English. `{name}` is replaced with a value. A text with plural forms has one text for
 * each form of the language (https://cldr.unicode.org/index/cldr-spec/plural-rules). A fault starts with the label of
 * its field. In other languages, a colon can follow the label.
 */
export const EN = TEXTS as Texts

import { describe, expect, it } from 'vitest'
import { chooseLanguage, LANGUAGE_CODES } from '../../../../src/guestbook/rules/languages'
import { EN, type TextKey } from '../../../../src/guestbook/rules/languages/en'
import { TEXTS, translator } from './translators'

const KEYS = Object.keys(EN) as (keyof typeof EN)[]
const placesIn = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([place]) => place).toSorted()
const formsOf = (text: string | object): string[] => (typeof text === 'string' ? [text] : Object.values(text))

describe.each(LANGUAGE_CODES)('the texts in %s', (code) => {
  const texts = TEXTS[code]

  it('are complete, and nothing is left over', () => {
    expect(Object.keys(texts).toSorted()).toEqual(Object.keys(EN).toSorted())
    for (const key of KEYS) expect(formsOf(texts[key]).every((text) => text.trim() !== '')).toBe(true)
  })

  it('have the same places for values as the English ones', () => {
    for (const key of KEYS) {
      const expected = placesIn(formsOf(EN[key]).at(-1) ?? '')
      for (const text of formsOf(texts[key])) {
        // "One entry" needs no number.
        const places = placesIn(text)
        expect([key, [...new Set([...places, ...expected])]]).toEqual([key, expected])
        expect([key, expected.filter((one) => one !== '{count}' && !places.includes(one))]).toEqual([key, []])
      }
    }
  })

  it('have a text for each plural form of the language', () => {
    const { pluralCategories } = new Intl.PluralRules(code).resolvedOptions()
    for (const key of KEYS) {
      const forms = texts[key]
      if (typeof forms === 'string') continue
      // The form for very large or fractional numbers never occurs.
      const needed = pluralCategories.filter((form) => !(form === 'many' && ['es', 'fr', 'pt'].includes(code)))
      expect([key, Object.keys(forms).toSorted()]).toEqual([key, needed.toSorted()])
    }
  })

  it('are not the English ones', () => {
    if (code === 'en') return
    expect(['ltr', 'rtl']).toContain(texts.direction)
    const same = KEYS.filter((key) => JSON.stringify(texts[key]) === JSON.stringify(EN[key]))
    expect(same.length).toBeLessThan(4)
  })
})

it.each(LANGUAGE_CODES)('in %s, the number of an entry stands after or before one word', (code) => {
  expect(translator(code).text('entry_number', { number: 7 }).trim().split(' ')).toHaveLength(2)
})

describe('a translator', () => {
  it('chooses the plural form, and formats numbers as the language does', () => {
    const { text } = translator('en')
    expect(text('signatures', { count: 1 })).toBe('1 entry so far')
    expect(text('signatures', { count: 1_234 })).toBe('1,234 entries so far')
    expect(translator('de').text('signatures', { count: 1_234 })).toContain('1.234')
  })

  it('leaves a place without a value as it is, and does not replace values twice', () => {
    expect(translator('en').text('title_of_entry', { name: '{title}', title: 'Book' })).toBe('{title} in Book')
    expect(translator('en').text('entry_number' as TextKey)).toBe('No. {number}')
  })

  it('writes times in UTC', () => {
    expect(translator('en').time(Date.UTC(2026, 10, 26, 9, 5))).toBe('26 Nov 2026, 09:05 UTC')
  })
})

describe('the language of a page', () => {
  it.each([
    [undefined, 'en'],
    ['', 'en'],
    ['de', 'de'],
    ['de-AT', 'de'],
    ['tlh, fr;q=0.5', 'fr'],
    ['en;q=0.5, ja;q=0.8', 'ja'],
    ['de;q=0, es;q=0.1', 'es'],
    ['de;q=0', 'en'],
    ['de;q = 0, es;q = 0.5', 'es'],
    ['de ; q=0.000, fr ;q=0.1', 'fr'],
    ['de-AT, de;q=0, ja;q=0.1', 'ja'],
    ['*', 'en'],
    ['PT-br', 'pt'],
    ['ar-EG,ar;q=0.9,en;q=0.8', 'ar'],
    ['q=1;;,,;de', 'en'],
    ['constructor', 'en'],
    [`${'xx,'.repeat(50)}de`, 'en'],
  ])('for Accept-Language: %s is %s', (accepted, language) => {
    expect(chooseLanguage(accepted)).toBe(language)
  })
})

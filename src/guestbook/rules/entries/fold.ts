/*
 * Folds texts, so that blocked words are found as a reader sees them. Spammers write them with invisible characters, in
 * full width, with letters of other alphabets that look the same, or over two lines.
 */

/**
 * All texts of an entry: its body, and what is published with it, such as answers, mood and place. `shown`: the body
 * once more without the marks of markup, which could hide a word.
 */
export type EntryTexts = {
  name: string
  body: string
  website: string | null
  more?: readonly string[] | undefined
  shown?: string[]
}

/** Zero-width characters, soft hyphens, fillers and tags; and the blank of Braille. */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\u2800]/gu

/** Small letters of Cyrillic, Greek and other alphabets, and the Latin letters that they look like in either case. */
const ALIKE = 'авсеһніјкӏморԛѕтԁѵԝхүугҽꙇѡьԍαβεηικνορτυχγμζϳσϝϻᴦıɡɑ'
const LATIN = 'abcehhijklmopqstdvwxyyreiwbgabenikvoptuxymzjofmriga'
const LOOKALIKE = new RegExp(`[${ALIKE}]`, 'g')

/**
 * Letters that can look like another Latin letter than `LATIN` says: the capital Ν looks like an N, but ν like a v. NFKC
 * replaces some of them with letters that look different.
 */
const OTHER_LOOKS: Record<string, string> = { Η: 'h', Ν: 'n', Υ: 'y', ӏ: 'i', ϲ: 'c', Ϲ: 'c', ͺ: 'i' }
const OTHERWISE_ALIKE = new RegExp(`[${Object.keys(OTHER_LOOKS).join('')}]`, 'g')
const asItLooks = (text: string): string => text.replace(OTHERWISE_ALIKE, (letter) => OTHER_LOOKS[letter] ?? letter)

/**
 * @returns a text to compare: case, the number of spaces, invisible characters and look-alikes make no difference. A text
 *   with Greek capitals has a second reading: `ΝΕΟ` is the Greek word `νεο`, but a reader may also see `NEO`
 */
function readings(text: string): string[] {
  const visible = text.replace(INVISIBLE, '')
  const normal = visible.normalize('NFKC')
  const looking = asItLooks(visible)
  const seen = asItLooks(looking === visible ? normal : looking.normalize('NFKC'))
  return seen === normal ? [toLatin(normal)] : [toLatin(normal), toLatin(seen)]
}

function toLatin(text: string): string {
  return (
    text
      .toLowerCase()
      .replace(LOOKALIKE, (letter) => LATIN.charAt(ALIKE.indexOf(letter)))
      // Leaves single spaces alone, which is four times as fast as replacing all of them.
      .replace(/\s\s+|[^\S ]/g, ' ')
      .trim()
  )
}

/** @returns the first reading of a text: see `readings` */
export const fold = (text: string): string => toLatin(text.replace(INVISIBLE, '').normalize('NFKC'))

/** @returns whether two texts have a reading in common */
export function readAlike(one: string, other: string): boolean {
  const read = readings(other)
  return readings(one).some((reading) => read.includes(reading))
}

/** Accents of letters, and the vowel signs of Arabic, which most texts leave out. */
const ACCENTS = /[\u0300-\u036f\u064b-\u065f]/g

/** @returns the first reading of a text without accents, for a search */
export const foldForSearch = (text: string): string => fold(text.normalize('NFD').replace(ACCENTS, ''))

/** `text`: the readings of all fields, on a line each, so that no rule matches the end of one and the start of the next. */
export type Folded = { readonly names: string[]; readonly text: string }

const entries = new WeakMap<EntryTexts, Folded>()

/** Folds an entry only once, although many rules are compared with it, and folds its text only if a rule needs it. */
export function foldEntry(said: EntryTexts): Folded {
  const known = entries.get(said)
  if (known) return known
  const { name, body, website, more = [], shown = [] } = said
  let text: string | undefined
  const folded = {
    names: readings(name),
    get text() {
      text ??= [...this.names, ...[body, website ?? '', ...more, ...shown].flatMap(readings)].join('\n')
      return text
    },
  }
  entries.set(said, folded)
  return folded
}

/** A rule with its readings. An empty one applies to nothing. */
export type FoldedRule<T> = { rule: T; readings: string[] }

const lists = new WeakMap<readonly unknown[], FoldedRule<unknown>[]>()

/** Folds a list of rules once: an isolate keeps the rules of a book for as long as it remembers the book. */
export function foldRules<T>(rules: readonly T[], textOf: (rule: T) => string): FoldedRule<T>[] {
  const known = lists.get(rules) as FoldedRule<T>[] | undefined
  const folded = known ?? rules.map((rule) => ({ rule, readings: readings(textOf(rule)).filter(Boolean) }))
  lists.set(rules, folded)
  return folded
}

export const says = ({ text }: Folded, { readings }: FoldedRule<unknown>): boolean =>
  readings.some((reading) => text.includes(reading))

export const isNamed = ({ names }: Folded, { readings }: FoldedRule<unknown>): boolean =>
  readings.some((reading) => names.includes(reading))

const UNJOINED = ['Latin', 'Greek', 'Cyrillic', 'Inherited'].map((script) => `\\p{Script=${script}}`).join('')

/**
 * What may be invisible in a name: parts of emoji, the flags of England, Scotland and Wales, variants of Chinese and
 * Mongolian characters, and joiners in scripts that are written with them.
 */
const USEFUL = [
  '(?<=\\p{Extended_Pictographic}[\\ufe0f\\u{1f3fb}-\\u{1f3ff}]?)\\u200d(?=\\p{Extended_Pictographic})',
  '(?<=\\p{Extended_Pictographic})[\\ufe0e\\ufe0f]|\\ufe0f(?=\\u20e3)',
  `(?<=\\u{1f3f4})(?:${['gbeng', 'gbsct', 'gbwls'].map(tagsOf).join('|')})\\u{e007f}`,
  '(?<=\\p{Script=Han})[\\ufe00-\\ufe02\\u{e0100}-\\u{e01ef}]',
  `(?<=[\\p{Script=Mongolian}--${INVISIBLE.source}])[\\u180b-\\u180f]`,
  `(?<=[[\\p{L}\\p{M}]--[${UNJOINED}${INVISIBLE.source}]])[\\u200c\\u200d]`,
].join('|')

/** The tags that spell a region after a black flag. */
function tagsOf(region: string): string {
  return [...region].map((letter) => `\\u{e00${letter.charCodeAt(0).toString(16)}}`).join('')
}

/** @returns a name without invisible characters, which could make it look like the name of somebody else */
export function visibleName(name: string): string {
  if (name.search(INVISIBLE) < 0) return name
  return name.replace(new RegExp(`(${USEFUL})|${INVISIBLE.source}`, 'gv'), '$1')
}

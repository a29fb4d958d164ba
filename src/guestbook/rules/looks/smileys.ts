import { err, ok, type Result } from '../../../kit/lib/result'

/* Smileys are stored as the guest wrote them. They become emoji only when the page is rendered. */

export interface Smiley {
  /** Without spaces. */
  text: string
  emoji: string
}

const CLASSIC: Record<string, string> = {
  '🙂': ':-) :) =)',
  '😉': ';-) ;)',
  '😃': ':-D :D =D',
  '😛': ':-P :P :-p :p',
  '😜': ';-P ;P ;-p ;p',
  '🙁': ':-( :( =(',
  '😢': ":'-( :'(",
  '😂': ":'-) :')",
  '😎': '8-) B-)',
  '😮': ':-O :O :-o :o',
  '😠': '>:-( >:(',
  '😈': '>:-) >:)',
  '😐': ':-| :|',
  '😕': ':-/ :/ :-\\',
  '😘': ':-* :*',
  '😳': ':-$ :$',
  '🤐': ':-X :-x',
  '😇': 'O:-) O:) 0:-) 0:)',
  '❤️': '<3',
  '💔': '</3',
}

/** `8)` is not one of them, because it also ends a list such as "(see 7 and 8)". */
export const CLASSIC_SMILEYS: readonly Smiley[] = Object.entries(CLASSIC).flatMap(([emoji, texts]) =>
  texts.split(' ').map((text) => ({ text, emoji }))
)

export const SMILEYS_MAX = 50
/** In code points. */
const TEXT_MIN = 2
const TEXT_MAX = 20

type SmileyFault = { index: number; message: string }

/** Checks an owner's own smileys. @returns the smileys with texts in NFC, or a message for each faulty one */
export function judgeSmileys(given: readonly Smiley[]): Result<Smiley[], SmileyFault[]> {
  if (given.length > SMILEYS_MAX) return err([{ index: SMILEYS_MAX, message: `Use at most ${SMILEYS_MAX} smileys.` }])
  const smileys = given.map(({ text, emoji }) => ({ text: text.slice(0, 4 * TEXT_MAX).normalize('NFC'), emoji }))
  const faults = smileys.flatMap((smiley, index) => {
    const isRepeated = smileys.findIndex(({ text }) => text === smiley.text) < index
    const message = isRepeated ? 'This text is already in the list.' : faultOf(smiley)
    return message === null ? [] : [{ index, message }]
  })
  return faults.length > 0 ? err(faults) : ok(smileys)
}

/** Letters, marks, digits, punctuation and symbols, except those that show nothing. */
const VISIBLE = /^[[\p{L}\p{M}\p{N}\p{P}\p{S}]--[\p{Default_Ignorable_Code_Point}\u2800]]+$/v
const ONE_EMOJI = /^\p{RGI_Emoji}$/v
const EMOJI_MAX = 40

function faultOf({ text, emoji }: Smiley): string | null {
  const { length } = [...text]
  if (length < TEXT_MIN || length > TEXT_MAX) return `Use ${TEXT_MIN} to ${TEXT_MAX} characters for the text.`
  if (!VISIBLE.test(text)) return 'Use only visible characters in the text, without spaces.'
  return emoji.length <= EMOJI_MAX && ONE_EMOJI.test(emoji) ? null : 'Use exactly one emoji.'
}

/** The emoji of each text. The last smiley with a text counts, so that an owner's list can follow the classic one. */
export type SmileyMap = ReadonlyMap<string, string>

export function mapSmileys(smileys: readonly Smiley[]): SmileyMap {
  return new Map(smileys.map(({ text, emoji }) => [text, emoji]))
}

type SmileyPiece = { type: 'text'; text: string } | ({ type: 'smiley' } & Smiley)

/** Longer words are not smileys. There may be punctuation after a smiley. */
const WORD_MAX = TEXT_MAX * 2 + 10

/**
 * Finds smileys that are words of their own: there is a space or nothing in front of them, and a space, nothing, or
 * punctuation after them.
 * @param edges whether a word can start at the beginning of the text and end at its end
 * @param max how many smileys to find. Further ones stay text
 * @returns the pieces of the text, in order, without empty ones
 */
export function splitSmileys(
  text: string,
  smileys: SmileyMap,
  edges = { start: true, end: true },
  max = Number.POSITIVE_INFINITY
): SmileyPiece[] {
  const pieces: SmileyPiece[] = []
  let [done, found] = [0, 0]
  for (const { 0: word, index } of text.matchAll(/\S+/g)) {
    const isCut = (index === 0 && !edges.start) || (index + word.length === text.length && !edges.end)
    const smiley = isCut ? null : smileyIn(word, smileys)
    if (!smiley) continue
    if (found === max) break
    found += 1
    if (index > done) pieces.push({ type: 'text', text: text.slice(done, index) })
    pieces.push({ type: 'smiley', ...smiley })
    done = index + smiley.text.length
  }
  if (done < text.length) pieces.push({ type: 'text', text: text.slice(done) })
  return pieces
}

const PUNCTUATION = '.,!?;…'

function smileyIn(word: string, smileys: SmileyMap): Smiley | null {
  if (word.length > WORD_MAX) return null
  let end = word.length
  while (end > 0 && !smileys.has(word.slice(0, end)) && PUNCTUATION.includes(word.charAt(end - 1))) end -= 1
  const text = word.slice(0, end)
  const emoji = smileys.get(text)
  return emoji === undefined ? null : { text, emoji }
}

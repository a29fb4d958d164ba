import { err, ok, type Result } from '../../../kit/lib/result'
import type { Translator } from '../languages'
import { explainTextFault, oneLine, readText } from './text'

/* Short details that a book can ask for besides the text: how the guest feels, and where the guest is. */

export const DETAILS = ['mood', 'place'] as const
export type Detail = (typeof DETAILS)[number]

/** In code points. */
export const DETAIL_MAX = 60

/** What a guest has entered. A detail that is missing or blank was not given. */
export type GuestDetails = Partial<Record<Detail, string | undefined>>

/** @returns the details that were given */
export const detailTexts = (details: GuestDetails): string[] => DETAILS.flatMap((detail) => details[detail] ?? [])

export type DetailFault = { path: Detail; message: string }

const LABELS = { mood: 'your_mood', place: 'your_place' } as const

/** @param asked others are ignored @returns the details that were given, cleaned; or what is wrong with them */
export function judgeDetails(
  asked: readonly Detail[],
  given: GuestDetails,
  translate: Translator
): Result<GuestDetails, DetailFault[]> {
  const judged = asked
    .filter((detail) => given[detail]?.trim())
    .map((path) => ({ path, text: readText(given[path] ?? '', oneLine, DETAIL_MAX) }))
  const faults = judged.flatMap(({ path, text }) =>
    text.ok ? [] : [{ path, message: explainTextFault(translate, translate.text(LABELS[path]), text.error) }]
  )
  if (faults.length > 0) return err(faults)
  return ok(Object.fromEntries(judged.map(({ path, text }) => [path, text.ok ? text.value : ''])))
}

import { isolated } from '../../kit/lib/text/bidi'
import type { Translator } from '../rules/languages'
import { type CommentRow, extraOf } from '../store'

/* What every view of an entry says about it, in the language of the reader. */

/** @returns how the guest feels and where the guest is, as far as the entry says so */
export function detailsOf(row: Pick<CommentRow, 'extra'>, { text }: Translator): string[] {
  const { mood, place } = extraOf(row)
  const said = [mood && text('mood', { mood: isolated(mood) }), place && text('place', { place: isolated(place) })]
  return said.flatMap((one) => one || [])
}

type Edited = Pick<CommentRow, 'edited_at' | 'edited_by'>

/** @returns who has edited an entry; null for one that was not edited */
export function editedOf({ edited_at, edited_by }: Edited, { text }: Translator): string | null {
  return edited_at === null ? null : text(edited_by === 'guest' ? 'edited' : 'edited_by_owner')
}

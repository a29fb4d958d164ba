import { randomBytes } from '../../kit/db/ids'
import { isSigned, signText } from '../../kit/db/signed'
import { Refusal } from '../../kit/http/problem'
import { toBase64Url } from '../../kit/lib/bytes'
import { DAY_MS } from '../../kit/lib/time'
import { MIN_FORM_AGE_MS } from '../rules/entries/decide'
import { ENTRY } from '../store'

/*
 * The stamp in a form of a book: when the form was made, a random text, and the signature of both for this book. It
 * shows how long a guest has had the form, and lets a form be sent once: the statement that numbers an entry also notes
 * its form (guestbook/books/quota/sent-forms.ts).
 */

/** Guests may leave a form open, and browsers keep an unchanged page for up to a day. */
export const MAX_FORM_AGE_MS = 2 * DAY_MS

/** The field of a form without a stamp. Pages are remembered with it, and each gets its own stamp when it is sent. */
const EMPTY = 'name="stamp" value=""'

export interface StampedForm {
  /** The time and the random text. Ids of forms sort by time. */
  form_id: string
  ageMs: number
}

export async function formStamp(env: Env, book: string, now: number): Promise<string> {
  const form_id = `${now}-${toBase64Url(randomBytes(6))}`
  return `${form_id}.${await signText(env, 'form', `${book}\n${form_id}`)}`
}

/**
 * @returns the stamp for a form that takes the place of one that was sent, or that is too old. The guest has had the
 *   text for as long as the earlier form, and may send it at once
 */
export function nextStamp(env: Env, book: string, { ageMs }: StampedForm, now: number): Promise<string> {
  return formStamp(env, book, now - Math.min(ageMs, MIN_FORM_AGE_MS))
}

/** @returns the form that a stamp belongs to, or null if the stamp is not ours or belongs to another book */
export async function readStamp(env: Env, book: string, stamp: string, now: number): Promise<StampedForm | null> {
  const [, form_id = '', time = '', signature = ''] = /^((\d{13})-[\w-]{8})\.([\w-]{43})$/.exec(stamp) ?? []
  if (!(await isSigned(env, 'form', `${book}\n${form_id}`, signature))) return null
  return { form_id, ageMs: now - Number(time) }
}

/** @returns a page with a stamp in its form, if it has one */
export async function stampPage(env: Env, book: string, html: string, now: number): Promise<string> {
  if (!html.includes(EMPTY)) return html
  const stamp = await formStamp(env, book, now)
  return html.replace(EMPTY, () => EMPTY.replace('""', `"${stamp}"`))
}

/** The guest gets the form again, with the text and another stamp. */
export function formUsed(): Refusal {
  return new Refusal(409, 'form_used', 'This form has already been sent, or is too old. Send it again.')
}

/** Finds the comment that a form has created in a book, if it still exists. */
export const FIND_SENT = ENTRY.of('c').from<{ book: string; form_id: string }>(`
  books b
  cross join comments c on c.id = b.sent_forms ->> ('$."' || :form_id || '"')
  where b.slug = :book`)

import type { Context } from 'hono'
import { readForm } from '../../kit/http/form'
import { Refusal } from '../../kit/http/problem'
import { err, ok, type Result } from '../../kit/lib/result'
import { parseUrl } from '../../kit/lib/url'
import type { Book } from '../books/book'
import { answerFields, type Question } from '../rules/entries/answers'
import type { TextKey } from '../rules/languages/en'
import type { EntryFault } from './judge'

/** The form as the guest submitted it. What was not filled in is empty. */
export type Fields = ReturnType<typeof readFields>

export interface FormState {
  fields: Fields
  errors: EntryFault[]
  /** A message about the whole form, for example after too many entries. */
  notice: string | null
  /** The stamp of a form that is shown again before it was accepted; empty for a new one. */
  stamp: string
}

export interface FreshSignForm {
  /** What `readFields` reads. */
  data: URLSearchParams
  /** Whether the hidden field was filled in. People do not see this field, but bots do. */
  isTrapped: boolean
  stamp: string
  /** The solution of the puzzle: see puzzle.ts. */
  proof: string
  token: string
  action: 'sign' | 'preview'
}

export type FormRefusal = { status: 413 | 415 | 422; notice: TextKey }

/** Texts for guests, by refusal code. */
const REFUSALS: Record<string, FormRefusal> = {
  not_a_form: { status: 415, notice: 'not_a_form' },
  not_utf8: { status: 422, notice: 'not_utf8' },
  too_large: { status: 413, notice: 'too_large' },
}

export async function readSignForm(c: Context): Promise<Result<FreshSignForm, FormRefusal>> {
  try {
    const form = await readForm(c)
    const field = (name: string) => form.get(name) ?? ''
    const isTrapped = field('homepage') !== ''
    const action = form.has('preview') ? 'preview' : 'sign'
    const checks = { isTrapped, stamp: field('stamp'), proof: field('proof'), token: field('cf-turnstile-response') }
    return ok({ data: form, ...checks, action })
  } catch (cause) {
    const refusal = cause instanceof Refusal ? REFUSALS[cause.code] : undefined
    if (!refusal) throw cause
    return err(refusal)
  }
}

/**
 * @param form of a new entry, or of an edit. A form that was not made by this version has the answers by their position.
 * @param questions those of the book as it is now
 */
export function readFields(form: URLSearchParams, questions: Pick<Question, 'text'>[]) {
  const field = (name: string) => form.get(name) ?? ''
  return {
    name: field('name'),
    website: field('website'),
    body: field('body'),
    answers: answerFields(questions).map((name, i) => form.get(name) ?? field(`answer_${i}`)),
    // The guest's own words count more than a mood of the list.
    mood: field('mood') || field('mood_choice'),
    place: field('place'),
    is_private: form.has('is_private'),
    /** Whether the text is a drawing of characters. */
    pre: form.has('pre'),
    /** What the guest has drawn. */
    drawing: field('drawing'),
    /** The face that the guest has chosen. */
    avatar: field('avatar'),
    /** Where the button of the guest's site is. */
    button_url: field('button_url'),
    /** Where the guest returns after signing; empty for the guestbook. */
    return_to: field('return_to'),
  }
}

const NO_FIELDS = readFields(new URLSearchParams(), [])
export const EMPTY_FORM: FormState = { fields: NO_FIELDS, errors: [], notice: null, stamp: '' }

/**
 * @returns the URL; null if the owner has not allowed its site, so that no link misuses the guestbook as a redirect.
 * A URL with credentials, and one of another scheme such as `blob:`, does not start with its origin.
 */
export function returnTarget({ return_origins }: Book, text: string): string | null {
  const url = parseUrl(text)
  return url && return_origins.includes(url.origin) && url.href.startsWith(`${url.origin}/`) ? url.href : null
}

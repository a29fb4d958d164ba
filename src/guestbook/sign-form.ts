import type { Context } from 'hono'
import { err, ok, type Result } from '../core/lib/result'
import { readForm } from '../http/form'
import { Refusal } from '../http/problem'
import type { Typed } from './views'

export interface SignForm {
  typed: Typed
  /** The field that people do not see was filled in. */
  suspicious: boolean
}

interface FormRefusal {
  status: 413 | 415 | 422
  detail: string
}

/** A form that cannot be read, by its code, as a guest is told. */
const IN_WORDS: Record<string, FormRefusal> = {
  not_a_form: { status: 415, detail: 'Please use the form below to sign.' },
  not_utf8: { status: 422, detail: 'That text was not UTF-8. Please type or paste it again.' },
  too_large: {
    status: 413,
    detail: 'That is more than a guestbook can hold. Please send less.',
  },
}

export async function readSignForm(c: Context): Promise<Result<SignForm, FormRefusal>> {
  try {
    return ok(toSignForm(await readForm(c)))
  } catch (cause) {
    const refusal = cause instanceof Refusal ? IN_WORDS[cause.code] : undefined
    if (!refusal) throw cause
    return err(refusal)
  }
}

function toSignForm(form: URLSearchParams): SignForm {
  const field = (name: string) => form.get(name) ?? ''
  const typed = { name: field('name'), website: field('website'), body: field('body') }
  return { typed, suspicious: field('homepage') !== '' }
}

import type { Context } from 'hono'
import { err, ok, type Result } from '../core/lib/result'
import { readForm } from '../http/form'
import { Refusal } from '../http/problem'
import type { Fields } from './views'

export interface SignForm {
  fields: Fields
  /** The hidden field was filled in. People do not see it, but bots do. */
  suspicious: boolean
}

interface FormRefusal {
  status: 413 | 415 | 422
  detail: string
}

/** Messages for guests, by the code of the refusal. */
const REFUSALS: Record<string, FormRefusal> = {
  not_a_form: { status: 415, detail: 'Please use the form below to sign.' },
  not_utf8: {
    status: 422,
    detail: 'That text was not valid UTF-8. Please type or paste it again.',
  },
  too_large: {
    status: 413,
    detail: 'That is more than a guestbook can hold. Please make it shorter.',
  },
}

export async function readSignForm(c: Context): Promise<Result<SignForm, FormRefusal>> {
  try {
    return ok(toSignForm(await readForm(c)))
  } catch (cause) {
    const refusal = cause instanceof Refusal ? REFUSALS[cause.code] : undefined
    if (!refusal) throw cause
    return err(refusal)
  }
}

function toSignForm(form: URLSearchParams): SignForm {
  const field = (name: string) => form.get(name) ?? ''
  const fields = { name: field('name'), website: field('website'), body: field('body') }
  return { fields, suspicious: field('homepage') !== '' }
}

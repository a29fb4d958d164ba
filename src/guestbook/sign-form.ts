import type { Context } from 'hono'
import type { TextKey } from '../core/languages/en'
import { err, ok, type Result } from '../core/lib/result'
import { readForm } from '../http/form'
import { Refusal } from '../http/problem'
import type { Fields } from './views'

interface SignForm {
  fields: Fields
  /** Whether the hidden field was filled in. People do not see this field, but bots do. */
  suspicious: boolean
}

type FormRefusal = { status: 413 | 415 | 422; notice: TextKey }

/** Texts for guests, by refusal code. */
const REFUSALS: Record<string, FormRefusal> = {
  not_a_form: { status: 415, notice: 'not_a_form' },
  not_utf8: { status: 422, notice: 'not_utf8' },
  too_large: { status: 413, notice: 'too_large' },
}

export async function readSignForm(c: Context): Promise<Result<SignForm, FormRefusal>> {
  try {
    const form = await readForm(c)
    const field = (name: string) => form.get(name) ?? ''
    const fields = { name: field('name'), website: field('website'), body: field('body') }
    return ok({ fields, suspicious: field('homepage') !== '' })
  } catch (cause) {
    const refusal = cause instanceof Refusal ? REFUSALS[cause.code] : undefined
    if (!refusal) throw cause
    return err(refusal)
  }
}

import type { Context } from 'hono'
import { expectRefusal, readForm } from '../../kit/http/form'

/* A form that was submitted without a session. The login page carries its fields along, with a prefix. */

/** The fields of a form, in order. A name can appear more than once. */
export type KeptForm = [name: string, value: string][]

const PREFIX = 'kept:'

/** @returns the fields of the request's form, or null if it is not a form or is too large */
export async function keepForm(c: Context): Promise<KeptForm | null> {
  try {
    return [...(await readForm(c))]
  } catch (cause) {
    expectRefusal(cause)
    return null
  }
}

/** @returns the form that the login page carries, or null if there is none */
export function readKept(form: URLSearchParams): KeptForm | null {
  if (!form.has('has_kept')) return null
  return [...form].flatMap(
    ([name, value]): KeptForm => (name.startsWith(PREFIX) ? [[name.slice(PREFIX.length), value]] : [])
  )
}

/** @returns the names and values of the hidden fields of the login page */
export function toHidden(kept: KeptForm): KeptForm {
  return [['has_kept', 'true'], ...kept.map(([name, value]): [string, string] => [PREFIX + name, value])]
}

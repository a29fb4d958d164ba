import { decodeUtf8 } from '../core/bytes'
import { err, ok, type Result } from '../core/result'
import { readAtMost } from '../middleware/body'
import { Refusal } from '../middleware/problem'
import type { Typed } from './views'

/** Every letter of the longest entry may take nine characters when a browser percent-encodes it. */
const MAX_BYTES = 64 * 1_024

export interface SignForm {
  typed: Typed
  /** The field that people do not see was filled in. */
  suspicious: boolean
}

export interface FormRefusal {
  status: 413 | 415 | 422
  detail: string
}

/** Reads what a browser sends for a form without files (URL-encoded UTF-8). */
export async function readSignForm(request: Request): Promise<Result<SignForm, FormRefusal>> {
  const type = request.headers.get('Content-Type') ?? ''
  if (!/^application\/x-www-form-urlencoded\b/i.test(type)) {
    return err({ status: 415, detail: 'Please use the form below to sign.' })
  }
  const text = await readText(request)
  if (!text.ok) return text
  const form = new URLSearchParams(text.value)
  const typed = {
    name: field(form, 'name'),
    website: field(form, 'website'),
    body: field(form, 'body'),
  }
  return ok({ typed, suspicious: field(form, 'homepage') !== '' })
}

async function readText(request: Request): Promise<Result<string, FormRefusal>> {
  try {
    const text = decodeUtf8(await readAtMost(request, MAX_BYTES))
    if (text !== null && isUtf8Encoded(text)) return ok(text)
    return err({ status: 422, detail: 'That text was not UTF-8. Please type or paste it again.' })
  } catch (cause) {
    if (!(cause instanceof Refusal) || cause.status !== 413) throw cause
    return err({ status: 413, detail: 'That is more than a guestbook can hold. Please send less.' })
  }
}

/** `URLSearchParams` would turn percent-encoded bytes that are no UTF-8 into replacement characters. */
function isUtf8Encoded(text: string): boolean {
  try {
    decodeURIComponent(text.replace(/%(?![0-9a-f]{2})/gi, '%25'))
    return true
  } catch (cause) {
    if (cause instanceof URIError) return false
    throw cause
  }
}

function field(form: URLSearchParams, name: string): string {
  return form.get(name) ?? ''
}

import type { Context } from 'hono'
import type * as z from 'zod'
import { decodeUtf8, toBase64 } from '../lib/bytes'
import { hasTooManyFields, MAX_FORM_FIELDS } from '../lib/form'
import { isTooDeep } from '../lib/json'
import { catching } from '../lib/result'
import { NEST_LESS, readAtMost } from './json-body'
import { invalid, invalidField, Refusal, toRefusal } from './problem'
import { fieldProblems } from './router'

/** The longest comment takes up 50 KB, because a browser percent-encodes a character as up to twelve bytes. */
const MAX_FORM_BYTES = 64 * 1_024
/** For the owner's forms with several long texts: each has its maximum length, in percent-encoded characters. */
export const MAX_LONG_FORM_BYTES = 512 * 1_024

/** @param maxBytes of the encoded form @throws Refusal 415 if it is not a form, 413 if too large, 400 if not UTF-8 */
export async function readForm(c: Context, maxBytes = MAX_FORM_BYTES): Promise<URLSearchParams> {
  if (!/^application\/x-www-form-urlencoded\b/i.test(c.req.header('Content-Type') ?? '')) {
    throw notAForm()
  }
  const text = decodeUtf8(await readAtMost(c, maxBytes))
  if (text === null || !isUtf8Encoded(text)) {
    throw new Refusal(400, 'not_utf8', 'The form is not valid UTF-8.')
  }
  if (hasTooManyFields(text)) throw tooManyFields()
  // Browsers send each line break as two characters (HTML, "constructing the entry list").
  return new URLSearchParams(text.replace(/%0d%0a/gi, '%0A'))
}

/**
 * Reads a form whose files become fields in base64. Only the first `MAX_FORM_BYTES` of a file are read: no form takes a
 * longer one, and the rest would cost CPU time. @throws Refusal 415 or 413
 */
export async function readFileForm(c: Context, maxBytes = MAX_FORM_BYTES): Promise<URLSearchParams> {
  const headers = { 'Content-Type': c.req.header('Content-Type') ?? '' }
  const body = await readAtMost(c, maxBytes)
  const form = await parseForm(new Response(body, { headers }))
  const all = [...form]
  if (all.length > MAX_FORM_FIELDS) throw tooManyFields()
  const fields = all.map(async ([name, value]) => [name, await textOf(value)])
  return new URLSearchParams(await Promise.all(fields))
}

async function parseForm(body: Response): Promise<FormData> {
  try {
    return await body.formData()
  } catch (cause) {
    if (cause instanceof TypeError) throw notAForm()
    throw cause
  }
}

async function textOf(value: string | File): Promise<string> {
  return typeof value === 'string'
    ? value
    : toBase64(new Uint8Array(await value.slice(0, MAX_FORM_BYTES).arrayBuffer()))
}

function tooManyFields(): Refusal {
  return new Refusal(413, 'too_large', `The form has more than ${MAX_FORM_FIELDS.toLocaleString('en')} fields.`)
}

function notAForm(): Refusal {
  return new Refusal(415, 'not_a_form', 'Submit this form from its own page.')
}

/** `URLSearchParams` replaces percent-encoded bytes that are not UTF-8, so those bytes are checked first. */
function isUtf8Encoded(text: string): boolean {
  return catching(URIError, () => decodeURIComponent(text.replace(/%(?![0-9a-f]{2})/gi, '%25'))) !== undefined
}

/** @returns the validated input. @throws Refusal 422 with the invalid fields */
export function parseFields<T extends z.ZodType>(schema: T, input: unknown): z.output<T> {
  const parsed = schema.safeParse(input)
  if (parsed.success) return parsed.data
  throw invalid(fieldProblems(parsed.error.issues))
}

/** @param path the name of the field @returns the parsed JSON. @throws Refusal 422 */
export function parseJsonField(path: string, text: string): unknown {
  if (isTooDeep(text)) throw invalidField(path, NEST_LESS)
  try {
    return JSON.parse(text)
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause
    throw invalidField(path, `The ${path} is not valid JSON: ${cause.message}.`)
  }
}

/** @returns the whole number in a field; NaN if the field is missing, empty or contains anything else */
export function wholeNumber(text: string | null | undefined): number {
  const digits = text?.trim() ?? ''
  return /^\d+$/.test(digits) ? Number(digits) : Number.NaN
}

/** Reads one `name: value` in each line. @param explain what is wrong with a line. @throws Refusal 422 at `path` */
export function readPairs(text: string, path: string, explain: (line: string) => string): [string, string][] {
  const lines = text.split(/\r?\n/).map((line) => line.trim())
  return lines.filter(Boolean).map((line) => {
    const colon = line.indexOf(':')
    if (colon < 1) throw invalidField(path, explain(line))
    return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()]
  })
}

/** @returns an object. @throws Refusal 422 at `path` if a name appears twice */
export function fromPairs(pairs: [string, string][], path: string): Record<string, string> {
  const names = pairs.map(([name]) => name)
  const again = names.find((name, i) => names.indexOf(name) < i)
  if (again !== undefined) throw invalidField(path, `"${again}" appears twice.`)
  return Object.fromEntries(pairs)
}

/** Returns a refusal, so that the form can show it. Rethrows any other error. */
export function expectRefusal(cause: unknown): Refusal {
  const refusal = toRefusal(cause)
  if (refusal) return refusal
  throw cause
}

/** @returns the message to show above a form */
export function explainFields(refusal: Refusal): string {
  return refusal.errors.map((error) => error.message).join(' ') || refusal.detail
}

import { err, ok, type Result } from '../../../kit/lib/result'
import { parseUrl } from '../../../kit/lib/url'
import { english, type Translator } from '../languages'
import type { TextKey } from '../languages/en'
import { visibleName } from './fold'
import {
  explainTextFault,
  keepLines,
  lengthFault,
  oneLine,
  readText,
  type TextFault,
  tidyLines,
  unicodeFault,
} from './text'

/** Lengths in code points, so that most emoji count as one character. */
export const GUEST_NAME_MAX = 80
export const BODY_MAX = 4_000
export const WEBSITE_MAX = 300
/** The limit for the stored URL, where percent-encoding turns one character into up to twelve. */
const URL_MAX = 2_048

export interface CommentInput {
  name: string
  body: string
  website?: string | null | undefined
  /** Whether the body is a drawing of characters. */
  pre?: boolean | undefined
}

/** What an entry says, cleaned. */
export type CommentText = { name: string; body: string; website: string | null }

type Path = 'name' | 'body' | 'website' | 'button_url'
export type FieldError = { path: Path; message: string }

/**
 * Checks a comment and cleans its fields. All are in NFC. A name has one line. A text has `\n` as line endings and no
 * two blank lines in a row, and keeps the spaces at the start of its lines. A drawing of characters keeps all lines.
 * @param translate the language of the error messages
 * @returns the cleaned comment, or an error for each invalid field
 */
export function judgeComment(
  input: CommentInput,
  translate: Translator = english()
): Result<CommentText, FieldError[]> {
  const name = readName(input.name)
  const body = readText(input.body, input.pre ? keepLines : tidyLines, BODY_MAX)
  const website = readWebsite(input.website)
  if (name.ok && body.ok && website.ok) return ok({ name: name.value, body: body.value, website: website.value })
  const faults = Object.entries({ name, body, website }) as [Path, Result<unknown, TextFault>][]
  return err(faults.flatMap(([path, part]) => (part.ok ? [] : [fieldError(translate, path, part.error)])))
}

/** With invisible characters, a name could look the same as another one. */
function readName(given: string): Result<string, TextFault> {
  const name = readText(given, oneLine, GUEST_NAME_MAX)
  return name.ok && visibleName(name.value) !== name.value ? err({ key: 'fault_controls' }) : name
}

const LABELS: Record<Path, TextKey> = {
  name: 'your_name',
  body: 'your_message',
  website: 'your_website',
  button_url: 'your_button',
}

function fieldError(translate: Translator, path: Path, fault: TextFault): FieldError {
  return { path, message: explainTextFault(translate, translate.text(LABELS[path]), fault) }
}

/** @returns the address of the button of a guest's site, if the book shows buttons */
export function judgeButton(
  has_wall: boolean,
  given: string | null | undefined,
  translate: Translator
): Result<string | null, FieldError[]> {
  const url = readWebsite(has_wall ? given : null)
  return url.ok ? url : err([fieldError(translate, 'button_url', url.error)])
}

export type PrivateFault = { path: 'is_private'; message: string }

/** A guest who has ticked the box of an older form must not write for everybody by mistake. */
export function judgePrivate(
  allows_private: boolean,
  given: boolean | undefined,
  { text }: Translator
): Result<null, PrivateFault[]> {
  return given && !allows_private ? err([{ path: 'is_private', message: text('fault_private') }]) : ok(null)
}

/** In `example.com:8080`, the part before the colon is a host, not a scheme. */
const HAS_SCHEME = /^[a-z][a-z0-9+.-]*:(?!\d+([/?#]|$))/i

/** Guests may leave out the scheme. The URL must use http or https, and must not contain credentials. */
export function readWebsite(input: string | null | undefined): Result<string | null, TextFault> {
  const text = input?.trim() ?? ''
  if (text === '') return ok(null)
  const fault = unicodeFault(text)
  if (fault) return err(fault)
  const url = parseUrl(HAS_SCHEME.test(text) ? text : `https://${text}`)
  if (!url || !isWebAddress(url)) return err({ key: 'fault_website' })
  const tooLong = lengthFault(asTyped(url), WEBSITE_MAX) ?? lengthFault(url.href, URL_MAX)
  return tooLong ? err(tooLong) : ok(url.href)
}

/** A stored URL must pass the check again, so the scheme does not count, and `%D0%93` counts once. */
const asTyped = ({ href }: URL) => href.replace(/^https?:..|%[89ab]\w/gi, '').replace(/%\w\w/g, '_')

function isWebAddress(url: URL): boolean {
  const isHttp = url.protocol === 'https:' || url.protocol === 'http:'
  const hasDot = /[^.]\.[^.]/.test(url.hostname)
  return isHttp && url.username === '' && url.password === '' && hasDot
}

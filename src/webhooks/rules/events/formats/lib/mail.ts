import { toBase64, utf8 } from '../../../../../kit/lib/bytes'
import { cut, shorten } from '../../../../../kit/lib/text/shorten'

/* E-mails as MIME text (RFC 5322, 2045 and 2047). Texts are encoded first, so that none adds a header or a part. */

/** A plain address: no quotes, comments, or characters beyond ASCII, so it is safe in a header as it is. */
export const ADDRESS =
  /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,63}$/
const ADDRESS_MAX = 254
export const isAddress = (text: string): boolean => text.length <= ADDRESS_MAX && ADDRESS.test(text)

/** @returns the address of `mailto:owner@example.com`, or null if the URL is anything else */
export function mailtoAddress(url: string): string | null {
  const address = /^mailto:/i.test(url) ? url.slice('mailto:'.length) : ''
  return isAddress(address) ? address : null
}

const SUBJECT_MAX = 200
/** A line with an encoded word may have 76 characters. This many bytes become 52 in base64, in a frame of 12. */
const WORD_BYTES = 39

/** @returns text as encoded words (RFC 2047), one in each line. It contains only ASCII, and no line break of its own */
export function encodeWords(text: string): string {
  const words: string[] = []
  let word = ''
  let bytes = 0
  for (const char of oneLine(text)) {
    const size = utf8(char).length
    if (bytes + size > WORD_BYTES) {
      words.push(word)
      word = ''
      bytes = 0
    }
    word += char
    bytes += size
  }
  return [...words, word].map((part) => `=?utf-8?B?${toBase64(utf8(part))}?=`).join('\r\n ')
}

function oneLine(text: string): string {
  const line = cut(text, 2 * SUBJECT_MAX).replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
  return shorten(line.trim(), SUBJECT_MAX) || '–'
}

/** @returns a text as base64, in lines of at most 76 characters */
export function encodeText(text: string): string {
  const base64 = toBase64(utf8(`${text.replace(/\r\n?|\n/g, '\r\n')}\r\n`))
  return (base64.match(/.{1,76}/g) ?? []).join('\r\n')
}

import { inKb } from '../../../kit/lib/amounts'
import type { Bytes } from '../../../kit/lib/bytes'
import { err, ok, type Result } from '../../../kit/lib/result'

/* Pictures of the owner. They are checked, not encoded again, and never SVG, which can contain scripts. */

export const MAX_PICTURES = 20
export const PICTURE_MAX_BYTES = 50_000
/** In pixels, for the width and the height. */
export const SIDE_MAX = 2_000
export const ALT_MAX = 200

/** Where a picture is shown. */
export const PICTURE_USES = ['header', 'tile', 'divider', 'none'] as const
type PictureUse = (typeof PICTURE_USES)[number]
/** A book has at most one picture with each of these uses. */
export const SOLE_USES: readonly PictureUse[] = ['tile', 'divider']

export const PICTURE_TYPES = ['gif', 'png', 'jpeg', 'webp'] as const
export const PICTURE_FORMATS = 'PNG, GIF, JPEG or WebP'

/** What the bytes of a picture say about it. */
type Facts = { type: (typeof PICTURE_TYPES)[number]; width: number; height: number }

/** A picture as it is stored in the settings of its book. `alt` is for people who do not see it. */
export interface Picture extends Facts {
  id: string
  use: PictureUse
  alt: string
  /** In bytes. */
  size: number
}

/** @returns the path of the file */
export const picturePath = (slug: string, id: string): string => `/pictures/${slug}/${id}`

/** The longest header that is read: that of a WebP file. */
const HEADER_BYTES = 30

/** No program for pictures writes these. A browser that guessed the type of a file could take it for a page. */
const MARKUP = /<(!doctype|html|head|title|body|script|style|svg|iframe|img|link|meta|a href)/i

/** @returns the type and the size of a picture that can be shown, or what is wrong with it */
export function judgePicture(bytes: Bytes): Result<Facts, string> {
  if (bytes.length > PICTURE_MAX_BYTES) {
    return err(`The file is larger than ${inKb(PICTURE_MAX_BYTES)}. Make it smaller.`)
  }
  const facts = bytes.length < HEADER_BYTES ? null : readFacts(bytes)
  if (!facts) return err(`This is not a ${PICTURE_FORMATS} file, or it is damaged.`)
  const { width, height } = facts
  if (MARKUP.test(new TextDecoder('latin1').decode(bytes))) {
    return err('The file contains HTML. Save the picture again with another program.')
  }
  if (Math.min(width, height) < 1 || Math.max(width, height) > SIDE_MAX) {
    return err(`The picture has ${width} × ${height} pixels. The limit is ${SIDE_MAX} × ${SIDE_MAX}.`)
  }
  return ok(facts)
}

function readFacts(bytes: Bytes): Facts | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const head = String.fromCharCode(...bytes.subarray(0, HEADER_BYTES))
  if (/^GIF8[79]a/.test(head)) return readGif(bytes)
  if (head.startsWith('\x89PNG\r\n\x1a\n\0\0\0\rIHDR')) {
    return { type: 'png', width: view.getUint32(16), height: view.getUint32(20) }
  }
  if (/^RIFF.{4}WEBPVP8/s.test(head)) return readWebp(view, head.charAt(15))
  return head.startsWith('\xff\xd8\xff') ? readJpeg(view) : null
}

/**
 * A browser makes room for a frame that is larger than the screen, so frames count, too. Bytes between blocks are
 * skipped, because some browsers do so (https://www.w3.org/Graphics/GIF/spec-gif89a.txt).
 */
function readGif(bytes: Bytes): Facts {
  const byte = (at: number) => bytes[at] ?? 0
  const short = (at: number) => byte(at) + byte(at + 1) * 256
  const colors = (at: number) => (byte(at) < 128 ? 0 : 6 << (byte(at) % 8))
  let [width, height] = [short(6), short(8)]
  for (let at = 13 + colors(10); at < bytes.length && byte(at) !== 0x3b; at++) {
    if (byte(at) === 0x2c) {
      width &&= Math.max(width, short(at + 1) + short(at + 5))
      height &&= Math.max(height, short(at + 3) + short(at + 7))
      at += 11 + colors(at + 9)
    } else if (byte(at) === 0x21) at += 2
    else continue
    while (byte(at)) at += 1 + byte(at)
  }
  return { type: 'gif', width, height }
}

/** https://developers.google.com/speed/webp/docs/riff_container @param kind of the first chunk: VP8X, VP8L or VP8 */
function readWebp(view: DataView, kind: string): Facts | null {
  const type = 'webp'
  if (kind === 'X') {
    const width = 1 + (view.getUint32(24, true) & 0xff_ffff)
    return { type, width, height: 1 + (view.getUint32(26, true) >>> 8) }
  }
  if (kind === 'L' && view.getUint8(20) === 0x2f) {
    const sides = view.getUint32(21, true)
    return { type, width: 1 + (sides & 0x3fff), height: 1 + ((sides >>> 14) & 0x3fff) }
  }
  if (kind !== ' ' || view.getUint16(23) !== 0x9d01) return null
  return { type, width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff }
}

/** Goes from segment to segment, to the one that starts the frame (ITU-T T.81, B.1.1). */
function readJpeg(view: DataView): Facts | null {
  for (let at = 2; at + 9 <= view.byteLength; ) {
    const marker = view.getUint16(at)
    // D0 to D9 have no length: what follows is no segment. The frame comes before DA.
    if (marker < 0xffc0 || (marker > 0xffcf && marker < 0xffdb)) return null
    // C0 to CF start a frame, except C4, C8 and CC.
    if (marker === 0xffc0 || (marker <= 0xffcf && marker % 4 !== 0)) {
      return { type: 'jpeg', height: view.getUint16(at + 5), width: view.getUint16(at + 7) }
    }
    // Before a marker, there may be any number of fill bytes.
    at += marker === 0xffff ? 1 : 2 + view.getUint16(at + 2)
  }
  return null
}

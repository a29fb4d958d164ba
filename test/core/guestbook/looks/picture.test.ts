import { describe, expect, it } from 'vitest'
import { judgePicture, PICTURE_MAX_BYTES, SIDE_MAX } from '../../../../src/guestbook/rules/looks/picture'
import { type Bytes, concat, fromBase64, utf8 } from '../../../../src/kit/lib/bytes'
import { PICTURES } from '../../../fixtures/pictures'

const fileOf = (name: keyof typeof PICTURES) => fromBase64(PICTURES[name]) as Bytes

/** @returns the file with other bytes at an index */
function patched(name: keyof typeof PICTURES, at: number, ...bytes: number[]): Bytes {
  const file = fileOf(name)
  file.set(bytes, at)
  return file
}

const fault = (bytes: Bytes) => {
  const judged = judgePicture(bytes)
  return judged.ok ? null : judged.error
}

describe('a picture', () => {
  it.each([
    ['gif', 'gif'],
    ['png', 'png'],
    ['jpeg', 'jpeg'],
    ['progressive', 'jpeg'],
    ['webp', 'webp'],
    ['lossless', 'webp'],
    ['alpha', 'webp'],
  ] as const)('is known by its bytes, with its size: %s', (name, type) => {
    expect(judgePicture(fileOf(name))).toEqual({ ok: true, value: { type, width: 3, height: 2 } })
  })

  it('may have fill bytes before the markers of a JPEG, and any bytes that are not a page', () => {
    const file = fileOf('jpeg')
    const filled = concat([file.slice(0, 2), new Uint8Array([0xff, 0xff]), file.slice(2), utf8('<a \xa0<A\n')])
    expect(judgePicture(filled)).toEqual({ ok: true, value: { type: 'jpeg', width: 3, height: 2 } })
  })

  it.each(Object.keys(PICTURES) as (keyof typeof PICTURES)[])('is refused if its header is cut: %s', (name) => {
    const file = fileOf(name)
    for (let length = 0; length < 30; length++) expect(fault(file.slice(0, length))).toMatch(/damaged/)
    // What is behind the header may be missing, or be anything, but reading it never fails.
    for (let length = 30; length < file.length; length++) judgePicture(file.slice(0, length))
    for (let at = 0; at < file.length - 1; at++) judgePicture(patched(name, at, 0xff, 0xff))
  })

  it.each([
    ['a GIF that is too wide', patched('gif', 6, 0xd1, 0x07)],
    ['a GIF without a height', patched('gif', 8, 0, 0)],
    ['a PNG with billions of pixels', patched('png', 16, 0xff, 0xff, 0xff, 0xff)],
    ['a lossless WebP', patched('lossless', 21, 0xff, 0xff)],
    ['a WebP with alpha', patched('alpha', 24, 0xff, 0xff, 0xff)],
    ['a WebP that is too high', patched('alpha', 27, 0xff, 0xff, 0xff)],
  ])('is refused if its sides are not sane: %s', (_, file) => {
    expect(fault(file)).toMatch(/pixels/)
  })

  it('is as large as the largest frame of a GIF, whatever its screen says', () => {
    // The frame is 16,000 × 16,000 pixels.
    expect(fault(patched('gif', 32, 0x80, 0x3e, 0x80, 0x3e))).toMatch(/16000 × 16000/)
    const gif = fileOf('gif')
    const [head, frame] = [gif.slice(0, 27), gif.slice(27, -1)]
    const wide = concat([frame.slice(0, 1), new Uint8Array([9]), frame.slice(2)])
    const comment = new Uint8Array([0x21, 0xfe, 3, 0x2c, 0xff, 0xff, 0, 0x3b])
    const later = judgePicture(concat([head, frame, comment.slice(0, -1), new Uint8Array(3), wide]))
    expect(later).toEqual({ ok: true, value: { type: 'gif', width: 12, height: 2 } })
    const ended = judgePicture(concat([head, frame, comment, wide]))
    expect(ended).toEqual({ ok: true, value: { type: 'gif', width: 3, height: 2 } })
  })

  it.each([0xd0, 0xd7, 0xd8, 0xd9, 0xda])('hides no JPEG behind a marker without a length: %i', (marker) => {
    const [file, whole] = [fileOf('jpeg'), fileOf('progressive')]
    const start = new Uint8Array([0xff, 0xd8, 0xff, marker, whole.length >> 8, whole.length & 255])
    expect(fault(concat([start, whole.slice(2), file.slice(2)]))).toMatch(/damaged/)
  })

  it('may have the longest sides', () => {
    expect(fault(patched('gif', 6, SIDE_MAX & 255, SIDE_MAX >> 8))).toBeNull()
  })

  it.each([
    ['SVG', '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'],
    ['HTML', '<!doctype html><html><body>Hello, this is a page</body></html>'],
    ['text', 'GIF is what this text says that it is'],
    ['a BMP', 'BM\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0'],
  ])('is not %s', (_, text) => {
    expect(fault(utf8(text))).toMatch(/damaged/)
  })

  it.each(['<script>', '<HTML>', '<!DocType html>', '<svg onload=', '<a href=', '<iframe src='])(
    'is refused if a browser could take it for a page: %s',
    (markup) => {
      // The classic: a comment begins within the header.
      const file = concat([fileOf('gif'), utf8(`=1;/*${markup}alert(1)*/`)])
      expect(fault(file)).toMatch(/HTML/)
      expect(fault(concat([fileOf('gif').slice(0, 30), utf8(markup), fileOf('gif').slice(30)]))).toMatch(/HTML/)
    }
  )

  it('has a limited size', () => {
    const full = new Uint8Array(PICTURE_MAX_BYTES)
    full.set(fileOf('png'))
    expect(fault(full)).toBeNull()
    expect(fault(concat([full, new Uint8Array(1)]))).toMatch(/larger than 50 KB/)
  })
})

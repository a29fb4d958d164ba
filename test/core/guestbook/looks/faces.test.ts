import { describe, expect, it } from 'vitest'
import { LANGUAGE_CODES } from '../../../../src/guestbook/rules/languages'
import { FACE_SLUGS, isFace } from '../../../../src/guestbook/rules/looks/faces'
import { translator } from '../languages/translators'

describe('the gallery of faces', () => {
  it('has at least 24 faces with slugs', () => {
    expect(FACE_SLUGS.length).toBeGreaterThanOrEqual(24)
    for (const slug of FACE_SLUGS) expect(slug).toMatch(/^[a-z]{3,20}$/)
    expect(FACE_SLUGS.every(isFace)).toBe(true)
  })

  it.each(LANGUAGE_CODES)('has a name for each face in the language %s', (code) => {
    const names = translator(code).text('faces').split('|')
    expect(new Set(names).size).toBe(FACE_SLUGS.length)
    expect(names.every((name) => /^\S.*\S$/.test(name) || name.length === 1)).toBe(true)
    const english = translator('en').text('faces').split('|')
    const same = names.filter((name, i) => name === english[i])
    expect(code === 'en' || same.length < 12).toBe(true)
  })

  it('has no face for any other word', () => {
    for (const slug of ['', 'Cat', 'toString', '__proto__', 'constructor', 'x'.repeat(1e5)])
      expect(isFace(slug)).toBe(false)
  })
})

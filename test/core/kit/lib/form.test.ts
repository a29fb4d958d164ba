import { describe, expect, it } from 'vitest'
import { hasTooManyFields, MAX_FORM_FIELDS } from '../../../../src/kit/lib/form'

describe('the number of fields in a form', () => {
  it('is limited to 1,000', () => {
    expect(MAX_FORM_FIELDS).toBe(1_000)
    expect(hasTooManyFields('')).toBe(false)
    expect(hasTooManyFields(Array(1_000).fill('a=b').join('&'))).toBe(false)
    expect(hasTooManyFields(Array(1_001).fill('a=b').join('&'))).toBe(true)
  })

  it('counts empty fields, because the parser reads them too', () => {
    expect(hasTooManyFields('&'.repeat(999))).toBe(false)
    expect(hasTooManyFields('&'.repeat(1_000))).toBe(true)
  })
})

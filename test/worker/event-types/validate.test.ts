import { describe, expect, it } from 'vitest'
import { faultsOf } from '../../../src/event-types/validate'

describe('the message about a value that does not match its schema', () => {
  it.each([
    [{ type: 'integer' }, 'x', '`a` must be an integer.'],
    [{ type: ['string', 'null'] }, 1, '`a` must be a string or null.'],
    [{ enum: ['x', 'y'] }, 1, '`a` must be one of ["x","y"].'],
    [{ const: { b: 1 } }, 1, '`a` must be {"b":1}.'],
    [{ minimum: 0 }, -1.5, '`a` must be at least 0.'],
    [{ exclusiveMaximum: 1e3 }, 1_000, '`a` must be less than 1000.'],
    [{ multipleOf: 0.5 }, 0.3, '`a` must be a multiple of 0.5.'],
    [{ minLength: 3 }, 'x', '`a` must have a length of at least 3.'],
    [{ maxItems: 1 }, [1, 2], '`a` must have a length of at most 1.'],
    [{ maxProperties: 1 }, { b: 1, c: 1 }, '`a` must have 1 or fewer properties.'],
    [{ uniqueItems: true }, [1, 1], '`a` must not contain duplicates.'],
    [{ pattern: '^b' }, 'x', '`a` must match the pattern in the schema.'],
    [{ format: 'email' }, 'x', '`a` must match the format "email".'],
    [{ required: ['b'] }, {}, '`a.b` is required.'],
    [false, 1, '`a` is not allowed.'],
    [{ not: {} }, 1, '`a`: Instance matched "not" schema.'],
  ])('names the field and what %j requires', (schema, value, message) => {
    const faults = faultsOf({ properties: { a: schema } }, { a: value }, 'data')
    expect(faults).toEqual([{ path: 'data.a', message }])
  })

  it('names the whole value if the whole value is wrong', () => {
    const faults = faultsOf({ type: 'object', minProperties: 1 }, {}, 'data')
    expect(faults).toEqual([{ path: 'data', message: '`data` must have 1 or more properties.' }])
  })

  it('names a field whose name has special characters', () => {
    const faults = faultsOf({ properties: { 'a#/~%': { type: 'null' } } }, { 'a#/~%': 1 }, 'data')
    expect(faults).toEqual([{ path: 'data.a#/~%', message: '`a#/~%` must be null.' }])
  })
})

import { expect, it } from 'vitest'
// @ts-expect-error The scripts have no types.
import { findWithoutBook } from '../../../scripts/lib/moving.mjs'

const book = (slug: string) => JSON.stringify({ type: 'book', slug })
const entry = (slug: string) => JSON.stringify({ type: 'entry', book: slug })
const HEADER = '{"type":"guesthook.export","version":1}'

it('an entry of a book that is not in the backup is found before anything is sent', () => {
  expect(findWithoutBook([HEADER, book('old'), entry('old'), entry('main')])).toBeNull()
  expect(findWithoutBook([HEADER, book('old'), entry('main'), entry('older')])).toBe(4)
})

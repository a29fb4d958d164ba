import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { MUTATIONS, mutate } from '../simulation/mutations/mutations'

it.each(MUTATIONS)('the simulation can still plant this fault: $name', (mutation) => {
  const text = readFileSync(mutation.file, 'utf8')
  expect(mutate(text, mutation)).not.toBe(text)
})

import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { MUTATIONS, mutate } from '../simulation/mutations/mutations'

it.each(MUTATIONS)('the simulation can still plant this fault: $name', (mutation) => {
  const text = readFileSync(mutation.file, 'utf8')
  expect(mutate(text, mutation)).not.toBe(text)
})

it('the copy in which they are planted has what package.json imports', () => {
  const [, copied = ''] =
    /const COPIED = \[([^\]]*)\]/.exec(readFileSync('test/simulation/mutations/mutate.mjs', 'utf8')) ?? []
  const folders = [...copied.matchAll(/'([^']+)'/g)].map(([, name = '']) => name)
  const targets = readFileSync('package.json', 'utf8').match(/"\.\/[\w./-]+"/g) ?? []
  const paths = targets.map((target) => target.slice(3, -1)).filter((path) => /\.(ts|mjs)$/.test(path))
  expect(paths.length).toBeGreaterThan(2)
  expect(paths.filter((path) => !folders.some((folder) => path.startsWith(`${folder}/`)))).toEqual([])
})

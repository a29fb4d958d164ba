import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

/* The tables in docs/operating.md have the log lines of the program. */

const ROOT = join(import.meta.dirname, '../..')

const code = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.tsx?$/.test(file))
  .map((file) => readFileSync(join(ROOT, 'src', file), 'utf8'))
  .join('\n')

/** @returns the part of a page below a heading, without what follows the next heading of the same level */
function section(page: string, heading: string): string {
  return (
    readFileSync(join(ROOT, page), 'utf8')
      .split(/^## /m)
      .find((part) => part.startsWith(`${heading}\n`)) ?? ''
  )
}

const documented = [...section('docs/operating.md', 'Logs').matchAll(/^\| (`.+?`) \|/gm)].flatMap(([, cell = '']) =>
  [...cell.matchAll(/`(\w+\.\w+)`/g)].map(([, name = '']) => name)
)

it('each line that the program logs is in the documentation', () => {
  const logged = [...code.matchAll(/\blog(?:Fault)?\(\s*'([^']+)'/g)].map(([, name = '']) => name)
  expect(logged.length).toBeGreaterThan(50)
  expect([...new Set(logged)].filter((name) => !documented.includes(name))).toEqual([])
})

it('each line in the documentation is one that the program logs', () => {
  expect(documented.filter((name) => !code.includes(`'${name}'`))).toEqual([])
})

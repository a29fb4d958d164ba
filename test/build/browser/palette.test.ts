import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { TABS } from '../../../src/guestbook/books/settings'
import { sectionOf } from '../../../src/kit/html/navigation'

/* What the search of the dashboard repeats from src/, because a browser loads it as it is. */

const SCRIPT = readFileSync(join(import.meta.dirname, '../../../public/palette.js'), 'utf8')

/** @returns a constant of the script, which is written without calls */
function constant<T>(name: string): T {
  const [, written] = new RegExp(`\nconst ${name} = (.*?\n[\\]}])\n`, 's').exec(SCRIPT) ?? []
  return runInNewContext(`(${written})`)
}

const isSection = (path: string) => path === '/docs' || sectionOf(path).href === path

it('leads to the tabs of a book by their names', () => {
  const tabs = constant<string[][]>('BOOK_TABS').map(([id, label]) => ({ id, label }))
  expect(tabs).toEqual(TABS.map(({ id, label }) => ({ id, label })))
})

it('leads to sections of the dashboard, and to the documentation', () => {
  const paths = [
    ...Object.keys(constant('ALSO')),
    ...Object.values<string>(constant('PATHS')),
    ...constant<{ path: string }[]>('SEARCHES').map(({ path }) => path),
    ...constant<{ path: string }[]>('NAMED').map(({ path }) => path),
  ]
  expect(paths.length).toBeGreaterThan(20)
  expect(paths.filter((path) => !isSection(path))).toEqual([])
})

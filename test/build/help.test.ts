import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import FILE from '../../public/help.json'
import { CACHE_MS } from '../../src/guestbook/books/cache'
import { RESTORABLE_MS } from '../../src/guestbook/books/store'
import { aSpanOf } from '../../src/kit/lib/time'
import { CACHE_MS as SOURCE_CACHE_MS } from '../../src/webhooks/sources/cache'

/* What pages explain, and what they say after an act: see src/kit/html/help.tsx. */

const SRC = join(import.meta.dirname, '../../src')
const sources = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.tsx?$/.test(file))
  .map((file) => readFileSync(join(SRC, file), 'utf8'))
  .join('\n')
  .replace(/<HelpParagraph (of="[^"]*")( class="[^"]*")?/g, '<Help $1')

it.each(Object.entries(FILE.texts))('%s is shown somewhere, with all that it leaves open', (name, text) => {
  const places = [
    `<Help of="${name}"`,
    `effect: '${name}'`,
    `texts['${name}']`,
    /^(theme|table|waits|why|skip|none|first|hint|unproven|act)\./.test(name)
      ? `<Help of={\`${name.split('.')[0]}.`
      : '',
  ]
  const place = places.find((one) => one !== '' && sources.includes(one))
  expect(place).toBeDefined()
  const isOne = !place?.includes('`')
  const given = place?.startsWith('<Help of=') ? sources.split(place)[1]?.split('/>')[0] : ''
  const open = [...new Set([...text.matchAll(/(?<!\{)\{(\w+)\}/g)].map(([, value]) => value))]
  // `or` stands for the whole text while the file cannot be read.
  const values = [...(given ?? '').matchAll(/ (?!or=)(\w+)=/g)].map(([, value]) => value)
  expect(values.toSorted()).toEqual(isOne ? open.toSorted() : expect.arrayContaining(open))
})

it('every mark is closed, and links lead to pages of this guestbook', () => {
  for (const text of Object.values(FILE.texts)) {
    expect(text.split('`').length % 2).toBe(1)
    expect(text.replace(/\[[^\]]+\]\(\/[\w/?=&{}#-]+\)/g, '')).not.toMatch(/\]\(/)
  }
})

it('every notice follows an act', () => {
  for (const name of Object.values(FILE.done).flatMap((texts) => Object.keys(texts))) {
    expect(sources).toMatch(new RegExp(`done=${name}\\b|'${name}'`))
  }
})

it('the times in notices are those of the program', () => {
  const { '/admin/books': books, '/admin/sources': ofSources } = FILE.done
  expect(books.banned).toContain(`within ${aSpanOf(CACHE_MS)}.`)
  expect(books.deleted).toContain(`within ${aSpanOf(RESTORABLE_MS)}.`)
  for (const text of [ofSources.url, ofSources.deleted]) expect(text).toContain(`within ${aSpanOf(SOURCE_CACHE_MS)}.`)
})

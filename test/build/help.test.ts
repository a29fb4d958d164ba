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

it.each(Object.entries(FILE.texts))('%s is shown somewhere, with all that it leaves open', (name, text) => {
  const [family] = name.split('.')
  const hasFamily =
    /^(theme|table|waits|why|skip|none|first|hint|more|unproven|act|option|reason|disabled|off|until)\./.test(name)
  // An element that shows the text, or one of several.
  const own = new RegExp(`<Help(?:Paragraph)?\\s+of=(?:"${name}"|\\{[^}]*'${name}'[^}]*\\})([^]*?)/>`).exec(sources)
  const shared = hasFamily ? new RegExp(`<Help(?:Paragraph)? of=\\{\`${family}\\.([^]*?)/>`).exec(sources) : null
  const isNamed = sources.includes(`help="${name}"`) || sources.includes(`'${name}'`)
  expect(own !== null || isNamed || shared !== null).toBe(true)
  const open = [...new Set([...text.matchAll(/(?<!\{)\{(\w+)\}/g)].map(([, value]) => value))]
  // `or` stands for the whole text while the file cannot be read.
  const given = own?.[1] ?? (isNamed ? '' : (shared?.[1] ?? ''))
  const values = [...given.matchAll(/ (?!or=|class=)(\w+)=/g)].map(([, value]) => value)
  expect(values.toSorted()).toEqual(own || isNamed ? open.toSorted() : expect.arrayContaining(open))
})

it('every mark is closed, and links lead to pages of this guestbook, or places of the page', () => {
  for (const text of Object.values(FILE.texts)) {
    expect(text.split('`').length % 2).toBe(1)
    expect(text.replace(/\[[^\]]+\]\([/#][\w/?=&{}#-]+\)/g, '')).not.toMatch(/\]\(/)
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

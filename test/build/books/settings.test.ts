import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { toBook } from '../../../src/guestbook/books/book'
import { fillBookForm, readBookForm } from '../../../src/guestbook/books/form'
import { bookChange } from '../../../src/guestbook/books/schemas'
import { PUBLIC_SETTINGS, SETTINGS, type Settings } from '../../../src/guestbook/books/settings'
import { BookForm } from '../../../src/guestbook/books/views'
import { document } from '../../support/document'

/*
 * Each setting of a book is one row. Each is everywhere where it must be: in the API, the form, what is stored, and
 * docs/books.md.
 */

const docs = readFileSync(join(import.meta.dirname, '../../../docs/books.md'), 'utf8')

/** A value of each setting that is not its first one. A setting that is on or off needs none. */
const OTHERS: Partial<Settings> = {
  welcome: 'Come in',
  banner: 'News',
  language: 'de',
  home_url: 'https://example.com/',
  theme: 'zine',
  accent: '#123456',
  avatars: 'face',
  own_smileys: [
    { text: ':parrot:', emoji: '🦜' },
    { text: ':x:', emoji: '❌' },
  ],
  css: '.page {\n  color: red\n}',
  asks_for: ['place'],
  questions: [
    { text: 'Who?', is_required: true, expected: 'me' },
    { text: 'What?', is_required: false, expected: null },
  ],
  return_origins: ['https://a.example', 'https://b.example'],
  daily_quota_mb: 7,
  form_place: 'below',
  moderation: 'all',
  max_links: 0,
  blocked_words: ['a b', 'casino'],
}

function rowOf(settings: object) {
  const columns = { slug: 'summer', title: 'Summer', settings: JSON.stringify(settings) }
  return { ...columns, comment_count: 0, published_count: 0, version: 1, created_at: 1, deleted_at: null }
}

type Properties = Record<string, { description?: string }>

function propertiesOf(schema: unknown): Properties {
  const { properties = {}, allOf = [] } = schema as { properties?: Properties; allOf?: unknown[] }
  return Object.assign({}, ...allOf.map(propertiesOf), properties)
}

const { BookChange, BookIn, BookSettings, Book } = document.components?.schemas ?? {}
const [change, input, seen] = [BookChange, BookIn, Book].map(propertiesOf) as [Properties, Properties, Properties]
const owned = { ...seen, ...propertiesOf(BookSettings) }

describe.each(Object.entries(SETTINGS))('the setting %s of a book', (name, { schema, initial, control }) => {
  const other = OTHERS[name as keyof Settings] ?? !initial

  it('is stored, and has a first value that its schema accepts', () => {
    expect(schema.parse(initial)).toEqual(initial)
    expect(toBook(rowOf({}))).toHaveProperty(name, initial)
    expect(toBook(rowOf({ [name]: other }))).toHaveProperty(name, other)
  })

  it('is in the API, for the owner or for everybody', () => {
    for (const one of [change, input, owned]) expect(one[name]?.description).toBeTruthy()
    // Everybody sees a welcome text: that of the owner, or ours.
    expect(name in seen).toBe(name in PUBLIC_SETTINGS || name === 'welcome')
  })

  it('has inputs in the form, with labels, which keep each value', () => {
    expect(bookChange.parse(readBookForm(fillBookForm(rowOf({}))))).toHaveProperty(name, initial)
    const row = rowOf({ [name]: other })
    const form = fillBookForm(row)
    expect(bookChange.parse(readBookForm(form))).toHaveProperty(name, other)
    const shown = String(BookForm({ row, form }))
    const given: object = control.fill(other as never, name)
    for (const input of Object.keys(given)) {
      expect(shown).toContain(` name="${input}"`)
      expect(shown).toMatch(
        new RegExp(`<label for="${input}"|<label class="check"><input type="checkbox" id="${input}"`)
      )
    }
    const options = schema instanceof z.ZodEnum ? schema.options : []
    for (const option of options) expect(shown).toContain(`<option value="${option}"`)
  })
})

describe('docs/books.md', () => {
  it('lists exactly the settings, in the order of the form, with their first values', () => {
    const table = docs.slice(docs.indexOf('## All settings'))
    const listed = [...table.matchAll(/^\| `(\w+)` \| (?:`(.*?)` )?\| .+ \|$/gm)].map(([, name, value]) => [
      name,
      value,
    ])
    const firsts = Object.entries(SETTINGS).map(([name, { initial }]) => [name, JSON.stringify(initial)])
    expect(listed).toEqual([['title', undefined], ...firsts])
  })
})

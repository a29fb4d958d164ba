import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { toBook } from '../../../src/guestbook/books/book'
import { FILLED, fillBookForm, readBookForm, readChanges } from '../../../src/guestbook/books/form'
import { bookChange } from '../../../src/guestbook/books/schemas'
import { BOOK_SETTINGS, PUBLIC_SETTINGS, TABS } from '../../../src/guestbook/books/settings'
import { BookForm } from '../../../src/guestbook/books/settings-views'
import { document } from '../../support/document'
import { OTHER_SETTINGS } from './other-settings'

/*
 * Each setting of a book is one row. Each is everywhere where it must be: in the API, the form, what is stored, and
 * docs/books.md.
 */

const docs = readFileSync(join(import.meta.dirname, '../../../docs/books.md'), 'utf8')

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

describe.each(Object.entries(BOOK_SETTINGS))(
  'the setting %s of a book',
  (name, { schema, initial, control, title }) => {
    const other = OTHER_SETTINGS[name]

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

    it('is in one tab of the form, with a title for what has changed, and is saved only if it has changed', () => {
      const tabs = TABS.filter(({ rows }) => rows.some(([one]) => one === name))
      expect(tabs).toHaveLength(1)
      expect(title).toBeTruthy()
      const row = rowOf({ [name]: other })
      expect(readChanges(fillBookForm(row), row)).toEqual({})
      const edited = fillBookForm(row)
      edited.set(FILLED, fillBookForm(rowOf({})).get(FILLED) ?? '')
      expect(readChanges(edited, rowOf({}))).toEqual({ [name]: other })
      // The form was filled before the setting was changed elsewhere.
      expect(readChanges(fillBookForm(row), rowOf({}))).toEqual({})
    })

    it('has inputs in the form, with labels, which keep each value', () => {
      expect(bookChange.parse(readBookForm(fillBookForm(rowOf({}))))).toHaveProperty(name, initial)
      const row = rowOf({ [name]: other })
      const form = fillBookForm(row)
      expect(bookChange.parse(readBookForm(form))).toHaveProperty(name, other)
      const shown = String(BookForm({ row, form }))
      const given: object = control.fill(other as never, name)
      // A theme is chosen with a button: see theme-gallery.tsx.
      for (const input of Object.keys(given).filter((input) => input !== 'theme')) {
        expect(shown).toContain(` name="${input}"`)
        expect(shown).toMatch(
          new RegExp(`<label for="${input}"|<label class="check"><input type="checkbox" id="${input}"`)
        )
      }
      const options = schema instanceof z.ZodEnum ? schema.options : []
      for (const option of options) {
        expect(shown).toMatch(new RegExp(`<option value="${option}"|name="${name}"( type="submit")? value="${option}"`))
      }
    })
  }
)

describe('the questions of a book', () => {
  const questions = ['One?', 'Two?', 'Three?'].map((text) => ({ text, is_required: false, expected: null }))
  const row = rowOf({ questions })

  function pressing(act: string) {
    const form = fillBookForm(row)
    form.append('questions_act', act)
    return readChanges(form, row)
  }

  it.each([
    ['up 2', ['One?', 'Three?', 'Two?']],
    ['down 0', ['Two?', 'One?', 'Three?']],
    ['remove 1', ['One?', 'Three?']],
  ])('are changed one by one: %s', (act, texts) => {
    expect(pressing(act)).toMatchObject({ questions: texts.map((text) => ({ text })) })
  })

  it('stay as they are if a button says something else', () => {
    expect(pressing('sideways 1')).toEqual({})
  })

  it('have the inputs of one more in the form, as long as there may be more', () => {
    const two = rowOf({ questions: questions.slice(1) })
    expect(String(BookForm({ row: two, form: fillBookForm(two) }))).toContain('name="questions_2_text"')
    expect(String(BookForm({ row, form: fillBookForm(row) }))).not.toContain('name="questions_3_text"')
  })
})

it('sites without a button are known by their hosts, although earlier versions stored ports, too', () => {
  const { wall_excluded } = toBook(rowOf({ wall_excluded: ['ada.example:8443', 'bob.example.'] }))
  expect(wall_excluded).toEqual(['ada.example', 'bob.example'])
})

describe('docs/books.md', () => {
  it('lists exactly the settings, in the order of the form, with their first values', () => {
    const table = docs.slice(docs.indexOf('## All settings'))
    const listed = [...table.matchAll(/^\| `(\w+)` \| (?:`(.*?)` )?\| .+ \|$/gm)].map(([, name, value]) => [
      name,
      value,
    ])
    const firsts = Object.entries(BOOK_SETTINGS).map(([name, { initial }]) => [name, JSON.stringify(initial)])
    expect(listed).toEqual([['title', undefined], ...firsts])
  })
})

describe('the form of a book', () => {
  it('has each ID once, so that each label belongs to its field', () => {
    const html = String(BookForm({ row: rowOf({}), form: fillBookForm(rowOf({})) }))
    const ids = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)
    expect(ids).toEqual([...new Set(ids)])
  })

  it('has a rule of its stylesheet for each tab, which marks the open one', () => {
    const css = readFileSync(join(import.meta.dirname, '../../../public/book.css'), 'utf8')
    for (const { id } of TABS) expect(css).toContain(`[href="#${id}"]`)
  })
})

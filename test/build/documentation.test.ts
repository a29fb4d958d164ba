import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { callAnchor, linkTo, subjectPath } from '../../scripts/build/reference/anchors'
import { documentation } from '../../scripts/build/reference/documentation'
import { ABOUT, GUIDE_NAMES } from '../../scripts/build/reference/guides'
import { listTools } from '../../scripts/build/reference/list-tools'
import { callsByTag, TAGS } from '../../scripts/build/reference/pages/subject'
import { readDocument } from '../../scripts/build/reference/read-document'
import { document as described } from '../support/document'

/* What is generated from the OpenAPI document and from the guides in docs/. `npm run openapi` updates the files. */

/** How large a page of the documentation may be, in bytes after gzip: see the budgets in CONTRIBUTING.md. */
const MOST_BYTES = 15_000

const ROOT = join(import.meta.dirname, '../..')
const document = readDocument(JSON.stringify(described))
const files = documentation(document, (name) => source(`docs/${name}.md`))

it('public/tools.json lists the tools with the schemas of the current routes', async () => {
  const text = `${JSON.stringify(listTools(document), null, 2)}\n`
  await expect(text).toMatchFileSnapshot('../../public/tools.json')
})

it.each(Object.keys(files))('public/%s is current', async (name) => {
  await expect(files[name]).toMatchFileSnapshot(`../../public/${name}`)
})

it('a table of a guide says on a phone, too, which column a cell is in', () => {
  expect(files['docs/embed.html']).toContain('<td>needs JavaScript</td><td data-label="with a script">yes')
})

it('the reference shows every tag and every call', () => {
  const byTag = callsByTag(document)
  expect([...byTag.keys()].toSorted()).toEqual([...TAGS].toSorted())
  for (const [tag, calls] of byTag) {
    const page = files[`${subjectPath(tag).slice(1)}.html`]
    for (const { path } of calls) expect(page).toContain(`<code>${path.replaceAll('/', '<wbr/>/')}</code>`)
  }
  // A person who copies a path gets the path alone.
  for (const text of Object.values(files)) expect(text).not.toMatch(/[\u200b-\u200d\ufeff]/)
})

it('an example shows values that its fields can have, and none that only says its type', () => {
  const subjects = 'access bans comments endpoints event-types jobs messages people reference signing-keys'.split(' ')
  const examples = subjects.flatMap((subject) =>
    [
      ...(files[`docs/api/${subject}.html`] ?? '').matchAll(
        /<summary>Example response<\/summary><pre>([\s\S]*?)<\/pre>/g
      ),
    ].map(([, json = '']) =>
      JSON.parse(
        json.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
      )
    )
  )
  expect(examples.length).toBeGreaterThan(40)
  const nameless = examples.flatMap((example) => [...JSON.stringify(example).matchAll(/"(\w+)":\[?"text"/g)])
  expect(nameless.map(([, name]) => name).toSorted()).toEqual([])
  const ids = examples.flatMap((example) => [...JSON.stringify(example).matchAll(/"id":"([^"]*)"/g)])
  expect(ids.filter(([, id = '']) => !/^[a-z]+_\w{26}$|^\w{8}$/.test(id))).toEqual([])
})

it('the pages of events and schemas show a type for every field, and what several have, once', () => {
  const [events = '', schemas = ''] = ['docs/api/webhooks.html', 'docs/schemas.html'].map((name) => files[name])
  expect(events.match(/<code>(\w+)<\/code> <span class="kind">any/g)).toEqual([
    expect.stringContaining('<code>body</code>'),
  ])
  expect(events.match(/<code>drawing<\/code>/g)).toHaveLength(1)
  expect(schemas.match(/<code>mentioned_on<\/code>/g)).toHaveLength(1)
})

it('no sentence names the example host, which each guestbook replaces by its own: see nameThisHost in docs.js', () => {
  for (const name of GUIDE_NAMES) {
    const sentences = source(`docs/${name}.md`).replace(/```.*?```/gs, '')
    expect([name, sentences.match(/(?<!\/\/)guestbook\.example\.com|such as [^|]*guestbook\.example\.com/g)]).toEqual([
      name,
      null,
    ])
  }
})

it('each page is small enough to open at once', () => {
  for (const [name, page] of Object.entries(files).filter(([name]) => name.endsWith('.html')))
    expect([name, gzipSync(page).length]).toEqual([name, expect.toSatisfy((bytes: number) => bytes <= MOST_BYTES)])
})

it('every part of a guide and every call can be found', () => {
  const index: string[][] = JSON.parse(files['docs/search.json'] ?? '[]')
  const hrefs = index.map(([href = '']) => href)
  expect(new Set(hrefs).size).toBe(hrefs.length)
  for (const [tag, calls] of callsByTag(document))
    for (const call of calls) expect(hrefs).toContain(`${subjectPath(tag)}${linkTo(callAnchor(call))}`)
  for (const name of GUIDE_NAMES) expect(hrefs).toContain(`/docs/${name}`)
})

it('the first page says what each guide is about, and guides lead to the pages of this guestbook', () => {
  for (const name of GUIDE_NAMES) expect(files['docs.html']).toContain(ABOUT[name])
  for (const name of ['endpoints', 'receivers']) expect(files[`docs/${name}.html`]).toContain('href="/webhooks/guide"')
})

it('every ID on a page is there once, and every link within the documentation leads somewhere', () => {
  const anchors = new Map<string, string[]>()
  for (const [name, page] of Object.entries(files).filter(([name]) => name.endsWith('.html'))) {
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id = '']) => id)
    expect(ids).toEqual([...new Set(ids)])
    anchors.set(`/${name.replace('.html', '')}`, ids)
  }
  expect(anchors.size).toBeGreaterThan(GUIDE_NAMES.length + TAGS.length)
  const pages: [string, string][] = [...Object.entries(files), ['stats', source('src/owner/stats/views.tsx')]]
  for (const [name, page] of pages) {
    for (const [, path = '', anchor = ''] of page.matchAll(/(?:href="|\]\()(\/docs[\w/-]*)?#([^")]+)/g)) {
      const known = anchors.get(path || `/${name.replace('.html', '')}`)
      if (path || name.endsWith('.html'))
        expect([name, path, known?.includes(decodeURI(anchor))]).toEqual([name, path, true])
    }
  }
})

it('no page of the documentation has a script or a style of its own, or anything from another host', () => {
  for (const [name, page] of Object.entries(files).filter(([name]) => name.endsWith('.html'))) {
    expect([name, /<script(?! type="module" src="\/docs.js")|<style| style="| on\w+="|<img/.test(page)]).toEqual([
      name,
      false,
    ])
    expect([name, /<link[^>]+href="(https?:)?\/\//.test(page)]).toEqual([name, false])
  }
})

function source(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8')
}

it('code in a guide is text: what looks like an element is escaped', () => {
  for (const name of GUIDE_NAMES) {
    const spans = (files[`docs/${name}.html`] ?? '').matchAll(/<code>(.*?)<\/code>/gs)
    const raw = [...spans].flatMap(([, inner = '']) => (/<(?!wbr)/.test(inner) ? [inner] : []))
    expect([name, raw]).toEqual([name, []])
  }
  expect(files['docs/embed.html']).toContain('<code>&lt;iframe')
})

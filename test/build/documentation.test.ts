import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { documentation } from '../../scripts/build/reference/documentation'
import { listTools } from '../../scripts/build/reference/list-tools'
import { readDocument } from '../../scripts/build/reference/read-document'
import { callsByTag, TAGS } from '../../scripts/build/reference/reference-page'
import { document as described } from '../support/document'

/* What is generated from the OpenAPI document and from docs/recipes.md. `npm run openapi` updates the files. */

const ROOT = join(import.meta.dirname, '../..')
const document = readDocument(JSON.stringify(described))
const recipes = readFileSync(join(ROOT, 'docs/recipes.md'), 'utf8')
const files = documentation(document, recipes)

it('public/tools.json lists the tools with the schemas of the current routes', async () => {
  const text = `${JSON.stringify(listTools(document), null, 2)}\n`
  await expect(text).toMatchFileSnapshot('../../public/tools.json')
})

it.each(Object.keys(files))('public/%s is current', async (name) => {
  await expect(files[name]).toMatchFileSnapshot(`../../public/${name}`)
})

it('the reference shows every tag and every call', () => {
  const byTag = callsByTag(document)
  expect([...byTag.keys()].toSorted()).toEqual([...TAGS].toSorted())
  const page = files['docs.html'] ?? ''
  for (const calls of byTag.values())
    for (const { path } of calls) expect(page).toContain(`<code>${path.replaceAll('/', '<wbr/>/')}</code>`)
  // A person who copies a path gets the path alone.
  for (const text of Object.values(files)) expect(text).not.toMatch(/[\u200b-\u200d\ufeff]/)
})

it('every ID on a page is there once, and every link within the documentation leads somewhere', () => {
  const anchors = new Map<string, string[]>()
  for (const [name, page] of Object.entries(files).filter(([name]) => name.endsWith('.html'))) {
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id = '']) => id)
    expect(ids).toEqual([...new Set(ids)])
    anchors.set(`/${name.replace('.html', '')}`, ids)
  }
  const pages: [string, string][] = [...Object.entries(files), ['stats', source('src/owner/stats/views.tsx')]]
  for (const [name, page] of pages) {
    for (const [, path = '', anchor = ''] of page.matchAll(/(?:href="|\]\()(\/docs[\w/]*)?#([^")]+)/g)) {
      const known = anchors.get(path || `/${name.replace('.html', '')}`)
      if (path || name.endsWith('.html'))
        expect([name, path, known?.includes(decodeURI(anchor))]).toEqual([name, path, true])
    }
  }
})

it('no page of the documentation has a script, a style of its own, or anything from another host', () => {
  for (const [name, page] of Object.entries(files).filter(([name]) => name.endsWith('.html'))) {
    expect([name, /<script|<style| style="| on\w+="|src="/.test(page)]).toEqual([name, false])
    expect([name, /<link[^>]+href="(https?:)?\/\//.test(page)]).toEqual([name, false])
  }
})

function source(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8')
}

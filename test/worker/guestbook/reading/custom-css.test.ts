import { describe, expect, it } from 'vitest'
import { CSS_MAX } from '../../../../src/guestbook/rules/looks/custom-css'
import { BOOK_FORM, ownerBrowser } from '../../../support/session'
import { World } from '../../../support/world'

/* The file with the custom CSS of a book. test/e2e/browser/custom-css.spec.ts shows what a sheet can do. */

const SHEET = '/* Mine */\n.entry > h3 { color: red }'

async function aStyledBook(css: string) {
  const world = new World()
  await world.api('POST', '/api/books', { slug: 'summer', title: 'Summer' })
  expect((await world.api('PATCH', '/api/books/summer', { css })).body).toMatchObject({ css })
  return world
}

/** @returns the address of the sheet that a page loads */
async function sheetOn(world: World, page: string): Promise<string | undefined> {
  const html = await (await world.request(page)).text()
  return /<link rel="stylesheet" href="(\/styles\/[^"]+)"/.exec(html)?.[1]
}

async function read(world: World, path: string) {
  const response = await world.request(path)
  const { status, headers } = response
  return { status, headers, cached: headers.get('Cache-Control'), css: await response.text() }
}

describe('the custom CSS of a book', () => {
  it('is a file that browsers keep until it changes, for the page and for the frame', async () => {
    const world = await aStyledBook(SHEET)
    const path = (await sheetOn(world, '/b/summer')) ?? ''
    expect(await sheetOn(world, '/embed/summer')).toBe(path)
    expect(await sheetOn(world, '/')).toBeUndefined()
    const { headers, cached, css } = await read(world, path)
    expect(css).toContain(`{${SHEET}\n}`)
    expect(headers.get('Content-Type')).toMatch(/^text\/css;/)
    expect(headers.get('X-Content-Type-Options')).toBe('nosniff')
    expect(cached).toContain('immutable')
    await world.api('PATCH', '/api/books/summer', { css: `${SHEET} ` })
    expect(await sheetOn(world, '/b/summer')).not.toBe(path)
    expect((await read(world, path)).cached).toBe('no-cache')
  })

  it('needs no query while the book is in the cache', async () => {
    const world = await aStyledBook(SHEET)
    const path = (await sheetOn(world, '/b/summer')) ?? ''
    world.invocations.length = 0
    expect((await read(world, path)).status).toBe(200)
    expect(world.worst(({ queries }) => queries)).toBe(0)
  })

  it('goes when the book is deleted, and comes back with it', async () => {
    const world = await aStyledBook(SHEET)
    const path = (await sheetOn(world, '/b/summer')) ?? ''
    await world.api('DELETE', '/api/books/summer')
    expect((await read(world, path)).status).toBe(404)
    await world.api('POST', '/api/books/summer/restore')
    expect((await read(world, path)).status).toBe(200)
  })

  it('is written in the settings as it was typed, and a fault stands beside its field', async () => {
    const world = await aStyledBook(SHEET)
    const browser = await ownerBrowser(world)
    const settings = '/admin/books/summer'
    expect(await (await browser.get(settings)).text()).toContain(SHEET.replace('>', '&gt;'))
    const form = { ...BOOK_FORM, title: 'Summer' }
    const longest = '.entry { margin-block: 1rem }\n'
      .repeat(CSS_MAX)
      .slice(0, CSS_MAX)
      .replace(/[^\n]*$/, '')
    const typed = longest.replaceAll('\n', '\r\n')
    expect(typed.length).toBeGreaterThan(CSS_MAX)
    expect((await browser.submit(settings, { ...form, css: typed })).status).toBe(303)
    expect((await world.api('GET', '/api/books/summer')).body).toMatchObject({ css: longest.trim() })
    const refused = await browser.submit(settings, { ...form, css: '.page {\r\n background: url(x) }' })
    expect(refused).toMatchObject({ status: 422, text: expect.stringContaining('Line 2') })
  })

  it('has a limit, and a code for its faults', async () => {
    const world = await aStyledBook('')
    for (const css of ['a{'.padEnd(CSS_MAX, ' ').concat('}'), '@import "x";']) {
      const { status, body } = await world.api('PATCH', '/api/books/summer', { css })
      expect(status).toBe(422)
      expect(body).toMatchObject({ code: 'invalid_input', errors: [{ path: 'css' }] })
    }
  })
})

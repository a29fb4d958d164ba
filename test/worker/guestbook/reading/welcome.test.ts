import { expect, it } from 'vitest'
import { World } from '../../../support/world'

/* The welcome text of a book has markup if its entries have. */

const WELCOME = 'Hello :) **Be _really_ kind**, <i>stranger</i>: https://rules.example'

async function aBook(markup: boolean) {
  const world = new World()
  await world.api('PATCH', '/api/books/main', { welcome: WELCOME, markup })
  return async (path: string) => (await world.request(path)).text()
}

const SAFE = WELCOME.replaceAll('<', '&lt;').replaceAll('>', '&gt;')

it('is formatted like the replies of the owner, on the page, in a frame and in an export', async () => {
  const read = await aBook(true)
  for (const path of ['/', '/embed/main', '/export.html']) {
    const html = await read(path)
    expect(html).toContain(
      '<strong>Be _really_ kind</strong>, &lt;i&gt;stranger&lt;/i&gt;: <a href="https://rules.example'
    )
    expect(html).not.toContain('**Be')
  }
})

it('has no marks where there is only plain text', async () => {
  const read = await aBook(true)
  const plain = WELCOME.replaceAll('*', '')
  const html = await read('/')
  for (const name of ['name="description"', 'property="og:description"']) {
    const content = new RegExp(`<meta ${name} content="([^"]*)"`).exec(html)?.[1] ?? ''
    expect(content).toContain(SAFE.replaceAll('*', ''))
  }
  expect(JSON.parse(await read('/feed.json')).description).toBe(plain)
  expect(await read('/feed.atom')).toContain('Be _really_ kind')
  expect(await read('/feed.atom')).not.toContain('**')
  expect(JSON.parse(await read('/api/books/main/embed')).welcome).toBe(plain)
  // A program gets what the owner wrote.
  expect(JSON.parse(await read('/api/books/main')).welcome).toBe(WELCOME)
})

it('stays as it was written in a book without markup: no link, no smiley', async () => {
  const read = await aBook(false)
  for (const path of ['/', '/embed/main', '/export.html']) expect(await read(path)).toContain(`>${SAFE}</p>`)
  expect(JSON.parse(await read('/feed.json')).description).toBe(WELCOME)
  expect(JSON.parse(await read('/api/books/main/embed')).welcome).toBe(WELCOME)
})

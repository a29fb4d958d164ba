import { describe, expect, it } from 'vitest'
import { aComment } from '../../../support/fixtures'
import { BASE, World } from '../../../support/world'

interface Item {
  type: string
  properties: Record<string, (string | Item)[]>
}

const VALUES: Record<string, string> = { a: 'href', link: 'href', time: 'datetime', data: 'value' }

/** Reads microdata (https://html.spec.whatwg.org/multipage/microdata.html). Values of other elements are their text. */
async function itemsIn(html: string): Promise<Item[]> {
  const roots: Item[] = []
  const open: Item[] = []
  const rewriter = new HTMLRewriter().on('[itemscope], [itemprop]', {
    element(element) {
      const name = element.getAttribute('itemprop')
      const parent = open.at(-1)
      if (element.hasAttribute('itemscope')) {
        const item: Item = { type: element.getAttribute('itemtype') ?? '', properties: {} }
        if (name && parent) parent.properties[name] = [...(parent.properties[name] ?? []), item]
        else roots.push(item)
        open.push(item)
        element.onEndTag(() => void open.pop())
      } else if (name && parent) {
        const value = element.getAttribute(VALUES[element.tagName] ?? '') ?? ''
        parent.properties[name] = [...(parent.properties[name] ?? []), value]
      }
    },
  })
  await rewriter.transform(new Response(html)).text()
  return roots
}

describe('the page of a book', () => {
  it('says as schema.org what it is, who wrote what and when, and what the owner replied', async () => {
    const world = new World()
    const { id } = await aComment(world, { name: 'Ada', body: 'Hello', website: 'https://ada.example/' })
    await world.api('PUT', `/api/comments/${id}/reply`, { body: 'Thank you' })
    const response = await world.request('/')
    const [page, ...others] = await itemsIn(await response.text())
    expect(others).toEqual([])
    expect(page?.type).toBe('https://schema.org/WebPage')
    expect(page?.properties).toMatchObject({ name: ['My Guestbook'], url: [`${BASE}/`] })
    const author = { type: 'https://schema.org/Person', properties: { name: [''], url: ['https://ada.example/'] } }
    const reply = { type: 'https://schema.org/Comment', properties: { text: [''] } }
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/)
    const properties = {
      author: [author],
      text: [''],
      comment: [reply],
      url: [`/comments/${id}`],
      datePublished: [time],
    }
    expect(page?.properties.comment).toEqual([{ type: 'https://schema.org/Comment', properties }])
    const [single] = await itemsIn(await (await world.request(`/comments/${id}`)).text())
    expect(single?.properties.comment).toEqual(page?.properties.comment)
  })

  it('has a link from each page to the next one and to the one before', async () => {
    const world = new World()
    for (let i = 0; i < 61; i++) await aComment(world, { name: `Guest ${i}` })
    const linkIn = (html: string, rel: string) => new RegExp(`rel="${rel}" href="([^"#]*)`).exec(html)?.[1] ?? null
    const idsIn = (html: string) => [...html.matchAll(/<article class="entry[^>]* id="(\w+)"/g)].map(([, id]) => id)
    const forth: string[][] = []
    const pages: string[] = []
    for (let path: string | null = '/'; path && pages.length < 9; ) {
      const html: string = await (await world.request(path)).text()
      pages.push(path)
      forth.push(idsIn(html).map(String))
      path = linkIn(html, 'next')
    }
    expect(forth.map((ids) => ids.length)).toEqual([20, 20, 20, 1])
    const back: string[][] = []
    for (let path: string | null = pages.at(-1) ?? null; path && back.length < 9; ) {
      const html: string = await (await world.request(path)).text()
      back.unshift(idsIn(html).map(String))
      path = linkIn(html, 'prev')
    }
    expect(back).toEqual(forth)
  })
})

import { type Browser, expect, type Page, test } from '@playwright/test'
import { Guestbook } from '../../support/bundled/guestbook'
import { eventually } from '../../support/program/program'
import { type Receiver, startReceiver } from '../../support/receiver'

/*
 * What a browser really shows when somebody else's text contains directional characters.
 */

let program: Guestbook
let receiver: Receiver

test.beforeAll(async () => {
  receiver = await startReceiver()
  program = await Guestbook.start()
})

test.afterAll(async () => {
  await program.end()
  await receiver.close()
})

const RLO = '\u202e'
const RLI = '\u2067'
const PDI = '\u2069'
/**
 * Reversing what follows, after ending the isolate around it in one way or another, or opening one and not closing it.
 */
const TRICKS = {
  plain: `${RLO}evil`,
  pop: `${PDI}${RLO}evil`,
  paragraph: `x\u2029${RLO}evil`,
  next_line: `x\u0085${RLO}evil`,
  unclosed: `\u05d0 ${RLI}evil`,
}

async function ownerPage(browser: Browser): Promise<Page> {
  const context = await browser.newContext({ javaScriptEnabled: true, baseURL: program.url })
  const page = await context.newPage()
  await page.goto('/admin/login')
  await page.getByLabel('Admin token').fill(program.token)
  await page.getByRole('button', { name: 'Log in' }).click()
  await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible()
  return page
}

/**
 * Finds our own words that are shown in another order than they were written: letters from right to left, or a word on
 * the wrong side of the text before it.
 */
function reorderedWords(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const ISOLATING = 'bdi, [dir="auto"], textarea, select, title, script, style'
    const rectOf = (node: Node, start: number, end: number) => {
      const range = document.createRange()
      range.setStart(node, start)
      range.setEnd(node, end)
      return range.getBoundingClientRect()
    }
    const isVisible = ({ width, height }: DOMRect) => width > 0 && height > 0
    const isBackwards = (a: DOMRect | undefined, b: DOMRect) =>
      a !== undefined && Math.abs(a.bottom - b.bottom) < 3 && b.left < a.left - 1
    const wrong: string[] = []
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    let before: { rect: DOMRect; block: Element | null } | undefined
    const blockOf = (node: Node) =>
      node.parentElement?.closest('p, td, th, li, dd, dt, div, h1, h2, h3, a.card') ?? null
    while (walker.nextNode()) {
      const node = walker.currentNode as Text
      const block = blockOf(node)
      const isOurs = node.parentElement?.closest(ISOLATING) === null
      if (!isOurs) {
        const rect = rectOf(node, 0, node.length)
        if (isVisible(rect)) before = { rect, block }
        continue
      }
      let previous = before?.block === block ? before.rect : undefined
      for (let at = 0; at < node.length; at++) {
        const rect = rectOf(node, at, at + 1)
        if (!isVisible(rect)) continue
        if (isBackwards(previous, rect)) {
          wrong.push(node.data.trim())
          break
        }
        previous = rect
      }
      if (previous) before = { rect: previous, block }
    }
    return wrong
  })
}

test('the check finds words that a browser shows in another order', async ({ page }) => {
  const { plain, ...breakingOut } = TRICKS
  // Even an element does not isolate text that ends its own isolate.
  const cases = [
    `<p>by ${plain} on Monday</p>`,
    ...Object.values(breakingOut).map((text) => `<p>by <bdi>${text}</bdi> on Monday</p>`),
  ]
  for (const html of cases) {
    await page.setContent(`<meta charset="utf-8">${html}`)
    expect([html, (await reorderedWords(page)).length > 0]).toEqual([html, true])
  }
  await page.setContent(`<meta charset="utf-8"><p>by <bdi>${RLO}evil</bdi> on Monday, <bdi>שלום</bdi> and so on</p>`)
  expect(await reorderedWords(page)).toEqual([])
})

test('no text of a sender, a source or a receiver changes the order of our own words', async ({ browser }) => {
  const pages = ['/admin', '/admin/sources', '/admin/inbound', '/admin/endpoints', '/admin/messages', '/']
  for (const [trick, text] of Object.entries(TRICKS)) {
    const { body: source } = await program.api<{ id: string; url: string }>('POST', '/api/sources', {
      name: `${text} shop`,
      provider: 'custom-hmac',
      act: 'publish',
      fields: [{ name: 'field', path: 'field' }],
      options: { event_type: 'body:type', delivery_id: 'body:id' },
    })
    const { body: endpoint } = await program.api<{ id: string }>('POST', '/api/endpoints', {
      url: `${receiver.url}/${trick}/echo`,
      description: trick === 'next_line' ? 'plain' : `${text} description`,
      event_types: ['order.paid'],
    })
    const json = JSON.stringify({ type: `${text} type`, id: `${text} id`, field: `${text} field` })
    const sent = await fetch(`${source.url}?q=${encodeURIComponent(text)}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Note': String.fromCharCode(...Buffer.from(`${text} note`)) },
      body: json,
    })
    const { id } = (await sent.json()) as { id: string }
    const { body: message } = await program.api<{ id: string }>('POST', '/api/messages', {
      type: 'order.paid',
      data: { note: `${text} note` },
    })
    await eventually(async () => {
      const path = `/api/messages/${message.id}/deliveries/${endpoint.id}`
      expect((await program.api('GET', path)).body).toMatchObject({ status: 'delivered' })
    })
    pages.push(`/admin/sources/${source.id}?secret=show`, `/admin/inbound/${id}`, `/admin/endpoints/${endpoint.id}`)
    pages.push(`/admin/messages/${message.id}`, `/admin/messages/${message.id}/deliveries/${endpoint.id}`)
  }
  const page = await ownerPage(browser)
  for (const path of pages) {
    await page.goto(path)
    expect([path, await reorderedWords(page)]).toEqual([path, []])
  }
})

test('an entry that is written from right to left stays within its own place', async ({ browser }) => {
  await program.api('POST', '/api/comments', { name: 'דנה (1)', body: 'שלום! 123\n\u200fHello' })
  const page = await ownerPage(browser)
  for (const path of ['/', '/admin/comments']) {
    await page.goto(path)
    await expect(page.getByText('שלום! 123')).toBeVisible()
    expect([path, await reorderedWords(page)]).toEqual([path, []])
  }
})

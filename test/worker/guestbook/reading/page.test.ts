import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { EN } from '../../../../src/guestbook/rules/languages/en'
import { aComment, anEndpoint, mailbox } from '../../../support/fixtures'
import { signAsGuest, withoutModeration } from '../../../support/session'
import { TOKEN, World } from '../../../support/world'

function sign(world: World, fields: Record<string, string>, headers: Record<string, string> = {}) {
  return signAsGuest(world, fields, { headers })
}

async function page(world: World, path = '/'): Promise<string> {
  return (await world.request(path)).text()
}

describe('the guestbook page', () => {
  it('invites visitors to sign when it has no entries', async () => {
    const html = await page(new World())
    expect(html).toContain(EN.no_entries)
    expect(html).toContain('action="/sign"')
    expect(html).toMatch(/^<!doctype html>/)
  })

  it('shows a new entry, escaped, with its number, time and permalink', async () => {
    const world = new World()
    await withoutModeration(world)
    const response = await sign(world, {
      name: '<b>Ada</b> & "Co"',
      website: 'example.com/?a=1&b="x"',
      body: '<script>alert(1)</script>\n\nsecond line',
    })
    expect(response.status).toBe(303)
    const to = response.headers.get('Location') ?? ''
    expect(to).toBe('/?signed=published#thanks')
    const html = await page(world, to.split('#')[0])
    expect(html).toContain(EN.thanks_published)
    expect(html).toContain('&lt;b&gt;Ada&lt;/b&gt; &amp; &quot;Co&quot;')
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;</p><p dir="auto">second line</p>')
    expect(html).not.toMatch(/<script(?! type="module" src="\/guestbook.js")/)
    expect(html).toMatch(
      /<a class="p-name u-url" href="https:\/\/example\.com\/\?a=1&amp;b=%22x%22" rel="nofollow ugc noopener" itemprop="url">/
    )
    expect(html).toContain('No. 1')
    expect(html).toMatch(/<time class="dt-published" datetime="\d{4}-\d\d-\d\dT[\d:.]+Z" itemprop="datePublished">/)
    const path = /href="(\/comments\/cmt_\w+)"/.exec(html)?.[1] ?? ''
    const permalink = await world.request(path)
    expect(permalink.status).toBe(200)
    expect(await permalink.text()).toContain('second line')
  })

  it('keeps what was typed after an error, and shows each error next to its field', async () => {
    const world = new World()
    const response = await sign(world, {
      name: '',
      website: 'javascript:x',
      body: '"Hi" <there>\n & more',
    })
    expect(response.status).toBe(422)
    const html = await response.text()
    expect(html).toContain('value="javascript:x"')
    expect(html).toContain('&quot;Hi&quot; &lt;there&gt;\n &amp; more</textarea>')
    expect(html).toMatch(/id="e-name">[^<]*empty/)
    expect(html).toContain(`id="e-website">${EN.fault_website}`)
    expect(html).toMatch(/aria-invalid="true" aria-describedby="e-name"/)
    expect((await world.api('GET', '/api/comments')).body).toMatchObject({ data: [] })
  })

  it('keeps a line break at the start of the text', async () => {
    const html = await (await sign(new World(), { name: '', website: '', body: '\nsecond' })).text()
    // A browser drops the first line break in a textarea. The second line break is the guest's own.
    expect(html).toMatch(/<textarea[^>]*>\n\nsecond<\/textarea>/)
  })

  it('shows every entry once, newest first, across all pages', async () => {
    const world = new World()
    for (let i = 1; i <= 45; i++) await aComment(world, { name: `Guest ${i}` })
    const seen: number[] = []
    let path: string | undefined = '/'
    let pages = 0
    while (path) {
      const html: string = await page(world, path)
      seen.push(...[...html.matchAll(/<bdi>Guest (\d+)<\/bdi>/g)].map((match) => Number(match[1])))
      path = /rel="next" href="(\/\?page=\d)#entries"/.exec(html)?.[1]
      pages += 1
    }
    expect(pages).toBe(3)
    expect(seen).toEqual(Array.from({ length: 45 }, (_, i) => 45 - i))
  })

  it('stores an entry as spam, without an event, if the hidden field was filled in', async () => {
    const world = new World()
    const box = mailbox()
    await anEndpoint(world, box.url())
    const response = await sign(world, {
      name: 'A robot',
      body: 'buy',
      homepage: 'http://spam.example',
    })
    expect(response.headers.get('Location')).toBe('/?signed=held#thanks')
    await world.drain()
    expect(await box.received()).toEqual([])
    const row = await env.DB.prepare('select status, reason from comments').first()
    expect(row).toEqual({ status: 'spam', reason: 'honeypot' })
    expect(await page(world)).not.toContain('A robot')
  })

  it('holds an entry with many links, and tells the guest and the endpoints', async () => {
    const world = new World()
    const box = mailbox()
    await anEndpoint(world, box.url())
    const body = 'http://a.example http://b.example http://c.example'
    expect((await sign(world, { name: 'Ada', body })).headers.get('Location')).toBe('/?signed=held#thanks')
    expect(await page(world, '/?signed=held')).toContain(EN.thanks_held)
    await world.drain()
    expect((await box.received()).map((one) => JSON.parse(one.body).type)).toEqual(['comment.held'])
  })

  it('limits a visitor to ten entries per minute, keeps what was typed, and does not limit other visitors', async () => {
    const world = new World()
    const visitor = { 'CF-Connecting-IP': '203.0.113.7' }
    let response = await sign(world, { name: 'Ada', body: 'hello' }, visitor)
    for (let i = 0; i < 25 && response.status === 303; i++) {
      response = await sign(world, { name: 'Ada', body: 'what I typed' }, visitor)
    }
    expect(response.status).toBe(429)
    expect(Number(response.headers.get('Retry-After'))).toBeGreaterThan(0)
    expect(await response.text()).toContain('what I typed</textarea>')
    const json = { ...visitor, 'Content-Type': 'application/json' }
    const body = JSON.stringify({ name: 'Ada', body: 'again' })
    const api = await world.request('/api/comments', { method: 'POST', headers: json, body })
    expect(api.status).toBe(429)
    expect(api.headers.get('Retry-After')).toBe('60')
    expect((await sign(world, { name: 'Bob', body: 'hi' }, { 'CF-Connecting-IP': '203.0.113.8' })).status).toBe(303)
    const owner = { ...json, Authorization: `Bearer ${TOKEN}` }
    expect((await world.request('/api/comments', { method: 'POST', headers: owner, body })).status).toBe(201)
  })

  it('stores no IP address, only a hash whose key is deleted two days later', async () => {
    const world = new World()
    await sign(world, { name: 'Ada', body: 'hi' }, { 'CF-Connecting-IP': '203.0.113.99' })
    const rows = await env.DB.prepare('select * from comments').all()
    expect(JSON.stringify(rows.results)).not.toContain('203.0.113')
    expect(rows.results[0]?.author_key).toMatch(/^[0-9a-f]{32}$/)
  })

  it('loads nothing from other hosts, and cannot be framed', async () => {
    const response = await new World().request('/')
    const policy = response.headers.get('Content-Security-Policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toMatch(/unsafe|https?:|\*/)
    expect(policy).toContain("frame-ancestors 'none'")
    expect(response.headers.get('X-Content-Type-Options')).toBe('nosniff')
    const html = await response.text()
    // A canonical link is not loaded.
    const loaded = html.replace(/<link rel="canonical"[^>]*>/, '')
    expect(loaded).not.toMatch(/\sstyle="|\son\w+="|(src|href)="(https?:)?\/\//)
  })
})

import { describe, expect, it } from 'vitest'
import { aComment, anEndpoint, mailbox } from '../../../support/fixtures'
import { ownerBrowser, partOf } from '../../../support/session'
import { aSource, type InboundView, post, theInbound } from '../../../support/sources'
import { latestMessageId } from '../../../support/views'
import { BASE, World } from '../../../support/world'

describe('forwarding a stored request', () => {
  it('sends the request as received or as edited, and returns the response', async () => {
    const world = new World()
    const box = mailbox()
    const { path } = await aSource(world, 'unsigned')
    const binary = Uint8Array.of(0, 255, 1, 254)
    const answer = await post(world, path, binary, {
      'Content-Type': 'application/x-odd',
      'X-Mine': 'kept',
      Authorization: 'Bearer mine',
    })
    const forward = (input: object) => world.api('POST', `/api/inbound/${answer.body.id}/replay`, input)
    const sent = await forward({ to: box.url('ok') })
    expect(sent).toMatchObject({ status: 200, body: { outcome: 'delivered', status_code: 200 } })
    const failed = await forward({ to: box.url('status/500') })
    expect(failed.body).toMatchObject({ outcome: 'refused', status_code: 500 })
    await forward({
      to: box.url('ok'),
      headers: [['x-other', 'new']],
      body: 'edited',
      method: 'PUT',
    })
    const [asReceived, , edited] = await box.received()
    expect(asReceived?.headers.authorization).toBeUndefined()
    await forward({ to: box.url('ok'), credentials: true })
    expect((await box.received()).at(-1)?.headers.authorization).toBe('Bearer mine')
    expect(asReceived?.headers).toMatchObject({
      'content-type': 'application/x-odd',
      'x-mine': 'kept',
    })
    expect(asReceived?.headers['content-length']).toBe('4')
    expect(edited).toMatchObject({ body: 'edited', headers: { 'x-other': 'new' } })
    expect(edited?.headers['x-mine']).toBeUndefined()
    const { log } = await theInbound(world, answer.body.id)
    expect(log.filter(({ event }) => event === 'sent')).toHaveLength(4)
  })

  it.each(['http://10.0.0.1/', 'https://guestbook.example.com/in/x', 'not a url'])(
    'rejects the destination %s because of the URL policy',
    async (to) => {
      const world = new World({ ALLOW_LOCAL_ENDPOINTS: 'false' })
      const source = await aSource(world, 'unsigned')
      const answer = await post(world, source.path, 'x')
      const { status, body } = await world.api<{ errors: { path: string }[] }>(
        'POST',
        `/api/inbound/${answer.body.id}/replay`,
        { to }
      )
      expect(status).toBe(422)
      expect(body.errors[0]?.path).toBe('to')
    }
  )

  it('sends edited fields only if the button for edited requests was pressed', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    const box = mailbox()
    const { path } = await aSource(world, 'unsigned')
    const { body } = await post(world, path, 'as it came')
    const fields = { to: box.url('ok'), method: 'POST', headers: 'X-A: b', body: 'edited' }
    const send = `/admin/inbound/${body.id}/send`
    await browser.post(send, fields)
    await browser.post(send, { ...fields, edited: 'on' })
    expect((await box.received()).map((one) => one.body)).toEqual(['as it came', 'edited'])
    const broken = await browser.post(send, { ...fields, headers: 'no colon', edited: 'on' })
    expect(broken.status).toBe(422)
    expect(await broken.text()).toContain('no colon')
  })
})

describe('the pages of sources and messages', () => {
  it('can manage a source without scripts, from creation to deletion', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    const form = await browser.get('/admin/sources/new?provider=github')
    expect(await form.text()).toMatch(/name="secret" value="\w{30,}"/)
    const added = await browser.post('/admin/sources/new', {
      provider: 'github',
      secret: 'hush',
      name: 'Repo',
      act: 'keep',
      retention_days: '30',
    })
    expect(added.status).toBe(303)
    const path = (added.headers.get('Location') ?? '').split('?')[0] ?? ''
    const sample = await browser.post(`${path}/sample`, {})
    const message = sample.headers.get('Location') ?? ''
    await world.drain()
    const page = await (await browser.get(message)).text()
    expect(await (await browser.get(path)).text()).toMatch(/1 request: \d+ B [^<]*30 days/)
    for (const text of ['processed', 'HMAC with SHA-256', 'x-hub-signature-256', 'mira-dev', 'curl -X POST'])
      expect(page).toContain(text)
    const changed = {
      name: 'Repo',
      act: 'sign',
      template_name: '{{sender.login}}',
      template_body: 'starred {{repository.full_name}}',
      fields: 'who: sender.login',
      retention_days: '30',
    }
    const preview = await (await browser.post(`${path}/preview`, changed)).text()
    expect(preview).toContain('starred example/guestbook')
    expect((await browser.post(path, changed)).status).toBe(303)
    await browser.post(`${message}/process`, {})
    expect(await (await world.request('/')).text()).toContain('starred example/guestbook')
    expect((await browser.post(path, { ...changed, template_name: '{{' })).status).toBe(422)
    for (const button of ['pause', 'resume', 'url', 'forget-secret', 'replay', 'delete'])
      expect((await browser.post(`${path}/${button}`, {})).status).toBe(303)
    expect((await browser.get(path)).status).toBe(404)
    expect((await browser.get(message)).status).toBe(200)
  })

  it.each([
    { provider: 'discord', secret: 'garbage', isUnusable: true },
    { provider: 'standard-webhooks', secret: 'not base64!', isUnusable: true },
    { provider: 'postmark', secret: 'no-colon', isUnusable: true },
    { provider: 'github', secret: 'anything', isUnusable: false },
    { provider: 'postmark', secret: 'user:password', isUnusable: false },
  ])('warn about an unusable secret: $provider with "$secret": $isUnusable', async (row) => {
    const world = new World()
    const browser = await ownerBrowser(world)
    const { id } = await aSource(world, row.provider, { secret: row.secret })
    const page = await (await browser.get(`/admin/sources/${id}`)).text()
    expect(/class="notice bad"[^>]*>[^<]*secret/.test(page)).toBe(row.isUnusable)
  })

  it('escape hostile names, bodies, headers and queries', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    const { path, id } = await aSource(world, 'unsigned', { name: '<img src=x onerror=alert(1)>' })
    const evil = '"><script>alert(1)</script>'
    const answer = await post(world, `${path}?q=${encodeURIComponent(evil)}`, `{"type":${JSON.stringify(evil)}}`, {
      'X-Evil': '<script>alert(1)</script>',
      'X-Delivery-Id': evil,
    })
    await world.drain()
    for (const page of [
      '/admin/inbound',
      `/admin/inbound/${answer.body.id}`,
      `/admin/sources/${id}`,
      `/admin/inbound?q=${encodeURIComponent(evil)}`,
    ]) {
      const text = await (await browser.get(page)).text()
      expect(text).not.toContain('<script>alert')
      expect(text).not.toContain('<img src=x')
    }
  })

  it('show a curl command for the address of this guestbook, not for the Host of the sender', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    const { path } = await aSource(world, 'unsigned')
    world.base = 'https://evil.example'
    const { body } = await post(world, `${path}?a={b,c}`, '@/etc/passwd', {
      Host: 'evil.example',
      'X-Forwarded-Host': 'evil.example',
    })
    world.base = BASE
    const page = await browser.see(`/admin/inbound/${body.id}`)
    const command = page.slice(page.indexOf('curl -X POST'))
    expect(command).toContain(`curl -X POST --globoff &#39;${BASE}${path}?a={b,c}&#39;`)
    expect(command).toContain('--data-raw &#39;@/etc/passwd&#39;')
    expect(command).not.toContain('evil.example')
    expect(command).not.toMatch(/ -L| --location/)
  })

  it('filter the list, and provide its rows to the script that refreshes the list', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    const { path, id } = await aSource(world, 'unsigned')
    await post(world, path, '{"type":"first"}')
    await world.drain()
    const rows = await browser.get(`/admin/inbound?source=${id}&part=rows`)
    const text = await rows.text()
    expect(text).toMatch(/^<tr>/)
    expect(text).toContain('first')
    const page = await browser.get('/admin/inbound?status=failed')
    expect(partOf(await page.text(), 'class="empty"')).toContain('No requests')
    expect(page.headers.get('Content-Security-Policy')).toContain("connect-src 'self'")
  })

  it('explain a failed verification with the signed content and the received and expected signatures', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    const { path } = await aSource(world, 'slack', { secret: 'hush' })
    const answer = await post(world, path, '{}', {
      'X-Slack-Signature': `v0=${'0'.repeat(64)}`,
      'X-Slack-Request-Timestamp': String(Math.floor(Date.now() / 1_000) - 90),
    })
    await world.drain()
    const text = await (await browser.get(`/admin/inbound/${answer.body.id}`)).text()
    expect(text).toContain('v0:{timestamp}:{body}')
    expect(text).toContain('0'.repeat(64))
    expect(text).toMatch(/9\d s old/)
    expect(text).toMatch(/compare [^<]*provider/)
    const { body } = await world.api<{ checks: { computed: string[] }[] } & InboundView>(
      'GET',
      `/api/inbound/${answer.body.id}/verification`
    )
    expect(body.checks[0]?.computed[0]).toMatch(/^[0-9a-f]{64}$/)
  })
})

describe('a source and an endpoint that were deleted', () => {
  it('are no longer linked: each link on the pages of what they have left leads somewhere', async () => {
    const world = new World()
    const { id: endpoint } = await anEndpoint(world, mailbox().url('status/410'))
    const source = await aSource(world, 'github', { name: 'The old source', act: 'publish' })
    const { body: request } = await post(world, source.path, '{}')
    await aComment(world)
    await world.drain()
    const message = await latestMessageId(world)
    await world.api('DELETE', `/api/sources/${source.id}`)
    await world.api('DELETE', `/api/endpoints/${endpoint}`)
    const { get, see } = await ownerBrowser(world)
    const pages = [
      ...['/admin', '/admin/inbound', '/admin/messages', '/admin/access/audit'],
      ...[`/admin/inbound/${request.id}`, `/admin/messages/${message}`],
      `/admin/messages/${message}/deliveries/${endpoint}`,
    ]
    const broken: [page: string, href: string, status: number][] = []
    for (const page of pages) {
      const html = await (await get(page)).text()
      const hrefs = [...html.matchAll(/href="(\/admin[^"#]*)/g)].map(([, href = '']) => href.replaceAll('&amp;', '&'))
      expect(hrefs.length).toBeGreaterThan(10)
      for (const href of new Set(hrefs)) {
        const { status } = await get(href)
        if (status !== 200) broken.push([page, href, status])
      }
    }
    expect(broken).toEqual([])
    for (const page of ['/admin/inbound', `/admin/inbound/${request.id}`])
      expect(await see(page)).toContain('The old source (deleted)')
  })
})

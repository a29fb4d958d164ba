import { describe, expect, it } from 'vitest'
import { ownerBrowser } from '../../support/session'
import { aSource, type InboundView, post, type SourceView, theInbound } from '../../support/sources'
import { BASE, mailbox, World } from '../../support/world'

interface Problem {
  code: string
  errors: { path: string; message: string }[]
}

describe('a source', () => {
  it('is added with a name and a provider, and gives a URL to hand out', async () => {
    const world = new World()
    const { status, body } = await world.api('POST', '/api/sources', {
      name: 'My repository',
      provider: 'github',
      secret: 'hush',
    })
    expect(status).toBe(201)
    expect(body).toMatchObject({
      id: expect.stringMatching(/^src_/),
      name: 'My repository',
      provider: 'github',
      url: expect.stringMatching(new RegExp(`^${BASE}/in/hook_[\\w-]{43}$`)),
      act: 'keep',
      strict: false,
      status: 'active',
      created_at: expect.stringMatching(/Z$/),
    })
    expect(JSON.stringify(body)).not.toContain('hush')
    const listed = await world.api<{ data: SourceView[] }>('GET', '/api/sources')
    expect(listed.body.data).toEqual([body])
    expect((await world.api('GET', `/api/sources/${body.id}`)).body).toEqual(body)
    const secret = await world.api('GET', `/api/sources/${body.id}/secret`)
    expect(secret.body).toEqual({ secret: 'hush' })
  })

  it('is added once for one Idempotency-Key', async () => {
    const world = new World()
    const input = { name: 'a', provider: 'stripe' }
    const headers = { Authorization: `Bearer ${world.env.ADMIN_TOKEN}`, 'Idempotency-Key': 'k' }
    const first = await world.api('POST', '/api/sources', input, headers)
    expect(await world.api('POST', '/api/sources', input, headers)).toMatchObject({
      status: 201,
      body: first.body,
    })
  })

  it.each([
    [{ name: 'a', provider: 'nobody' }, 'provider'],
    [{ name: '', provider: 'github' }, 'name'],
    [{ name: 'a', provider: 'github', act: 'dance' }, 'act'],
    [{ name: 'a', provider: 'github', act: 'sign' }, 'template'],
    [{ name: 'a', provider: 'github', secret: ' ' }, 'secret'],
    [{ name: 'a', provider: 'custom-hmac', options: { signed: 'nothing' } }, 'options.signed'],
    [{ name: 'a', provider: 'custom-hmac', options: { algorithm: 'md5' } }, 'options.algorithm'],
    [{ name: 'a', provider: 'custom-hmac', options: { color: 'red' } }, 'options'],
    [{ name: 'a', provider: 'custom-hmac', options: { algorithm: 'ed25519' } }, 'options'],
    [{ name: 'a', provider: 'custom-public-key', options: { algorithm: 'sha256' } }, 'options'],
    [
      {
        name: 'a',
        provider: 'custom-hmac',
        options: { timestamp_header: 'X-Time', signed: '{body}' },
      },
      'options',
    ],
    [{ name: 'a', provider: 'github', fields: Array(6).fill({ name: 'a', path: 'b' }) }, 'fields'],
    [{ name: 'a', provider: 'github', retention_days: 0 }, 'retention_days'],
  ])('is refused in words: %j', async (input, path) => {
    const { status, body } = await new World().api<Problem>('POST', '/api/sources', input)
    expect(status).toBe(422)
    expect(body.errors[0]?.path).toBe(path)
    expect(body.errors[0]?.message).toBeTruthy()
  })

  it('is the owner’s alone', async () => {
    const world = new World()
    for (const path of ['/api/sources', '/api/inbound'])
      expect((await world.api('GET', path, undefined, {})).status).toBe(401)
    expect((await world.api('GET', '/api/providers', undefined, {})).status).toBe(200)
  })

  it('keeps its secrets sealed', async () => {
    const world = new World()
    const { path } = await aSource(world, 'github', { secret: 'hush' })
    const row = await world.env.DB.prepare('select * from sources').first()
    expect(JSON.stringify(row)).not.toContain('hush')
    expect(JSON.stringify(row)).not.toContain(path.slice('/in/'.length))
  })
})

describe('a source with options', () => {
  const body = '{"type":"greeting"}'

  async function signed(options: object, headers: Record<string, string>, secret = 'hush') {
    const world = new World()
    const { path } = await aSource(world, 'custom-hmac', { secret, options })
    const answer = await post(world, path, body, headers)
    await world.drain()
    return theInbound(world, answer.body.id)
  }

  async function mac(hash: string, text: string, key = 'hush') {
    const { createHmac } = await import('node:crypto')
    return createHmac(hash, key).update(text)
  }

  it('says how it signs: header, algorithm, encoding, prefix', async () => {
    const plain = (await mac('sha256', body)).digest('hex')
    expect(await signed({}, { 'X-Signature': plain })).toMatchObject({ verified: true })
    expect(await signed({}, { 'X-Signature': `sha256=${plain}` })).toMatchObject({ verified: true })
    const long = (await mac('sha512', body)).digest('base64')
    expect(
      await signed(
        { header: 'X-My-Sig', algorithm: 'HMAC-SHA512', encoding: 'base64', prefix: 'v1=' },
        { 'X-My-Sig': `v1=${long}` }
      )
    ).toMatchObject({ verified: true })
    expect(await signed({ prefix: 'v1=' }, { 'X-Signature': `sha256=${plain}` })).toMatchObject({
      reason: 'signature_mismatch',
    })
  })

  it('says what is signed, with a time stamp that may be off by so much', async () => {
    const options = { timestamp_header: 'X-Time', timestamp_unit: 'ms', tolerance_seconds: 10 }
    const at = async (time: number) => {
      const signature = (await mac('sha256', `${time}.${body}`)).digest('hex')
      return signed(options, { 'X-Signature': signature, 'X-Time': String(time) })
    }
    expect(await at(Date.now())).toMatchObject({ verified: true })
    expect(await at(Date.now() - 20_000)).toMatchObject({ reason: 'timestamp_too_old' })
    expect(await at(Date.now() + 20_000)).toMatchObject({ reason: 'timestamp_too_new' })
  })

  it('says by which address the provider knows it, where that is signed', async () => {
    const world = new World()
    const url = 'https://elsewhere.example/hook'
    const { path } = await aSource(world, 'square', { secret: 'hush', options: { url } })
    const signature = (await mac('sha256', url + body)).digest('base64')
    const headers = { 'X-Square-Hmacsha256-Signature': signature }
    const answer = await post(world, path, body, headers)
    await world.drain()
    expect(await theInbound(world, answer.body.id)).toMatchObject({ verified: true })
  })

  it('is spelled as others spell it, too', async () => {
    const long = (await mac('sha512', body)).digest('hex')
    const options = { signature_header: 'X-Sig', hash: 'SHA-512', tolerance: 60 }
    expect(await signed(options, { 'X-Sig': long })).toMatchObject({ verified: true })
    const world = new World()
    const source = await aSource(world, 'hmac', { fields: ['data.id'] })
    expect(source.provider).toBe('custom-hmac')
    expect(source).toMatchObject({ fields: [{ name: 'data_id', path: 'data.id' }] })
  })

  it('needs no secret where the sender signs nothing by itself, and holds to one that is set', async () => {
    const world = new World()
    const event = '{"specversion":"1.0","id":"1","type":"a"}'
    const open = await aSource(world, 'cloudevents')
    const closed = await aSource(world, 'cloudevents', { secret: 'hush' })
    const ids: string[] = []
    for (const { path } of [open, closed]) ids.push((await post(world, path, event)).body.id)
    await world.drain()
    expect(await theInbound(world, ids[0] ?? '')).toMatchObject({
      status: 'processed',
      verified: false,
    })
    expect(await theInbound(world, ids[1] ?? '')).toMatchObject({ status: 'failed' })
  })

  it('says where the type and the id stand', async () => {
    const inbound = await signed(
      { event_type: 'header:x-kind', delivery_id: 'query:id' },
      { 'X-Signature': 'none', 'X-Kind': 'odd' }
    )
    expect(inbound).toMatchObject({ event_type: 'odd', external_id: null })
  })
})

describe('sending what was stored somewhere', () => {
  it('sends it as it was, or as it was edited, and shows what comes back', async () => {
    const world = new World()
    const box = mailbox()
    const { path } = await aSource(world, 'unsigned')
    const binary = Uint8Array.of(0, 255, 1, 254)
    const answer = await post(world, path, binary, {
      'Content-Type': 'application/x-odd',
      'X-Mine': 'kept',
      Authorization: 'Bearer mine',
    })
    const replay = (input: object) =>
      world.api('POST', `/api/inbound/${answer.body.id}/replay`, input)
    const sent = await replay({ to: box.url('ok') })
    expect(sent).toMatchObject({ status: 200, body: { outcome: 'delivered', status_code: 200 } })
    const failed = await replay({ to: box.url('status/500') })
    expect(failed.body).toMatchObject({ outcome: 'refused', status_code: 500 })
    await replay({
      to: box.url('ok'),
      headers: [['x-other', 'new']],
      body: 'edited',
      method: 'PUT',
    })
    const [asItWas, , edited] = await box.received()
    expect(asItWas?.headers.authorization).toBeUndefined()
    await replay({ to: box.url('ok'), credentials: true })
    expect((await box.received()).at(-1)?.headers.authorization).toBe('Bearer mine')
    expect(asItWas?.headers).toMatchObject({
      'content-type': 'application/x-odd',
      'x-mine': 'kept',
    })
    expect(asItWas?.headers['content-length']).toBe('4')
    expect(edited).toMatchObject({ body: 'edited', headers: { 'x-other': 'new' } })
    expect(edited?.headers['x-mine']).toBeUndefined()
    const { log } = await theInbound(world, answer.body.id)
    expect(log.filter(({ event }) => event === 'sent')).toHaveLength(4)
  })

  it.each([
    ['http://10.0.0.1/', 'to'],
    ['https://guestbook.example.com/in/x', 'to'],
    ['not a url', 'to'],
  ])('refuses %s, as the URL policy says', async (to, path) => {
    const world = new World({ ALLOW_LOCAL_ENDPOINTS: 'false' })
    const source = await aSource(world, 'unsigned')
    const answer = await post(world, source.path, 'x')
    const input = { to }
    const refused = await world.api<Problem>('POST', `/api/inbound/${answer.body.id}/replay`, input)
    expect(refused.status).toBe(422)
    expect(refused.body.errors[0]?.path).toBe(path)
  })
})

describe('the list of providers', () => {
  interface Listed {
    slug: string
    name: string
    secret: { what: string }
    headers: string[]
    handshake: unknown
    docs: string
  }

  it('is there for anyone, and says how each signs', async () => {
    const { status, body } = await new World().api<{ data: Listed[] }>(
      'GET',
      '/api/providers',
      undefined,
      {}
    )
    expect(status).toBe(200)
    const slugs = body.data.map(({ slug }) => slug)
    for (const slug of 'github gitlab gitlab-token bitbucket stripe slack shopify standard-webhooks svix discord twilio sendgrid mailgun linear square hubspot zendesk zoom meta x telegram twitch custom-hmac intercom typeform calendly notion sentry vercel workos paddle webflow woocommerce docusign pagerduty cal-com trello hookdeck ghost telnyx elevenlabs jira postmark basic-auth'.split(
      ' '
    ))
      expect(slugs).toContain(slug)
    const github = body.data.find(({ slug }) => slug === 'github')
    expect(github?.headers).toContain('x-hub-signature-256')
    expect(body.data.find(({ slug }) => slug === 'zoom')?.handshake).not.toBeNull()
  })
})

describe('the pages', () => {
  it('take a source through its life, without a script', async () => {
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
    expect(await (await browser.get(path)).text()).toMatch(/1 kept: \d+ B of bodies, for 30 days/)
    for (const words of [
      'processed',
      'HMAC with SHA-256',
      'x-hub-signature-256',
      'mira-dev',
      'curl -X POST',
    ])
      expect(page).toContain(words)
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
    for (const act of ['pause', 'resume', 'url', 'forget-secret', 'replay', 'delete'])
      expect((await browser.post(`${path}/${act}`, {})).status).toBe(303)
    expect((await browser.get(path)).status).toBe(404)
    expect((await browser.get(message)).status).toBe(200)
  })

  it('warn of a secret that nothing can be verified with', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    for (const [provider, secret, isUnusable] of [
      ['discord', 'garbage', true],
      ['standard-webhooks', 'not base64!', true],
      ['postmark', 'no-colon', true],
      ['github', 'anything', false],
      ['postmark', 'user:password', false],
    ] as const) {
      const { id } = await aSource(world, provider, { secret })
      const page = await (await browser.get(`/admin/sources/${id}`)).text()
      expect(page.includes('could sign with'), provider).toBe(isUnusable)
    }
  })

  it('send what was edited only by its own button, and refuse a header that is none', async () => {
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

  it('show what is hostile as text', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    const { path, id } = await aSource(world, 'unsigned', { name: '<img src=x onerror=alert(1)>' })
    const evil = '"><script>alert(1)</script>'
    const answer = await post(
      world,
      `${path}?q=${encodeURIComponent(evil)}`,
      `{"type":${JSON.stringify(evil)}}`,
      {
        'X-Evil': '<script>alert(1)</script>',
        'X-Delivery-Id': evil,
      }
    )
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

  it('filter the list, and hand out what is new to the script', async () => {
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
    expect(await page.text()).toContain('Nothing matches')
    expect(page.headers.get('Content-Security-Policy')).toContain("connect-src 'self'")
  })

  it('explain a failure: what was signed, what came, what it should have been', async () => {
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
    expect(text).toMatch(/9\d s old when it came/)
    expect(text).toContain('compare it with the one at the provider')
    const { body } = await world.api<{ checks: { computed: string[] }[] } & InboundView>(
      'GET',
      `/api/inbound/${answer.body.id}/verification`
    )
    expect(body.checks[0]?.computed[0]).toMatch(/^[0-9a-f]{64}$/)
  })
})

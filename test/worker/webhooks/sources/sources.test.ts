import { env } from 'cloudflare:workers'
import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { ownerBrowser } from '../../../support/session'
import { aSource, post, type SourceView, theInbound } from '../../../support/sources'
import { BASE, World } from '../../../support/world'
import { formsIn } from '../../ui/page-forms'

interface Problem {
  code: string
  errors: { path: string; message: string }[]
}

const KEY = Buffer.alloc(32, 7).toString('base64')

describe('a public key that is entered as the secret of a source', () => {
  const pem = `-----BEGIN PUBLIC KEY-----\n${KEY}\n-----END PUBLIC KEY-----`

  it.each([
    ['github', pem, 'public key, but GitHub'],
    ['custom-hmac', `whpk_${KEY}`, 'public key'],
    ['standard-webhooks', KEY, 'whsec_ or whpk_'],
    ['svix', Buffer.alloc(32, 7).toString('hex'), 'whsec_ or whpk_'],
  ])(
    'of %s is refused when the source is created, changed or given another secret',
    async (provider, secret, words) => {
      const world = new World()
      const { id } = await aSource(world, provider, { secret: 'whsec_aHVzaGh1c2hodXNoaHVzaGh1c2hodXNo' })
      for (const [method, path, input] of [
        ['POST', '/api/sources', { name: 'a', provider, secret }],
        ['PATCH', `/api/sources/${id}`, { secret }],
        ['POST', `/api/sources/${id}/secret/rotate`, { secret, grace_seconds: 0 }],
      ] as const) {
        const { status, body } = await world.api<Problem>(method, path, input)
        expect({ status, path: body.errors?.[0]?.path }).toEqual({ status: 422, path: 'secret' })
        expect(body.errors[0]?.message).toContain(words)
      }
      const browser = await ownerBrowser(world)
      const form = { provider, secret, name: 'a', act: 'keep', retention_days: '30', daily_quota_mb: '50' }
      const answer = await browser.submit('/admin/sources/new', form)
      expect(answer.status).toBe(422)
      expect(answer.text).toContain(words)
    }
  )

  it.each([
    ['standard-webhooks', `whsec_${KEY}`],
    ['standard-webhooks', `whpk_${KEY}`],
    ['discord', Buffer.alloc(32, 7).toString('hex')],
    ['custom-hmac', Buffer.alloc(32, 7).toString('hex')],
  ])('of %s is accepted where it is a public key by right, or may be any secret: %s', async (provider, secret) => {
    const world = new World()
    expect(await aSource(world, provider, { secret })).toMatchObject({ provider })
  })
})

describe('a source', () => {
  it('is created with a name and a provider, and has a URL for the provider', async () => {
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

  it('is created only once for the same Idempotency-Key', async () => {
    const world = new World()
    const input = { name: 'a', provider: 'stripe' }
    const headers = { Authorization: `Bearer ${world.env.ADMIN_TOKEN}`, 'Idempotency-Key': 'k' }
    const first = await world.api<SourceView>('POST', '/api/sources', input, headers)
    expect(await world.api('POST', '/api/sources', input, headers)).toMatchObject({ status: 201, body: first.body })
    await world.api('DELETE', `/api/sources/${first.body.id}`)
    const afterwards = await world.api('POST', '/api/sources', input, headers)
    expect(afterwards).toMatchObject({ status: 410, body: { code: 'deleted' } })
  })

  it('is refused if there are already a thousand sources, even if several are created at the same time', async () => {
    const world = new World()
    const input = { name: 'a', provider: 'stripe' }
    const { body } = await world.api<SourceView>('POST', '/api/sources', input)
    const every = Object.keys((await env.DB.prepare('select * from sources').first()) ?? {})
    const values = every.map((name) => (name === 'id' || name === 'token_hash' ? 'value' : name))
    await env.DB.prepare(
      `insert into sources (${every.join()}) select ${values.join()} from sources cross join json_each(?1) where sources.id = ?2`
    )
      .bind(JSON.stringify(Array.from({ length: 997 }, (_, i) => `src_${i}`)), body.id)
      .run()
    const create = () => world.api<Problem>('POST', '/api/sources', input)
    const answers = await Promise.all([1, 2, 3, 4].map(create))
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 409, 409])
    expect((await create()).body.code).toBe('too_many_sources')
  })

  it.each([
    ['an unknown provider', { provider: 'nobody' }, 'provider'],
    ['an empty name', { name: '' }, 'name'],
    ['an unknown act', { act: 'dance' }, 'act'],
    ['the act "sign" without a template', { act: 'sign' }, 'template'],
    ['an empty secret', { secret: ' ' }, 'secret'],
    ['signed content without the body', { options: { signed: 'nothing' } }, 'options.signed'],
    ['an unknown algorithm', { options: { algorithm: 'md5' } }, 'options.algorithm'],
    ['an unknown option', { options: { color: 'red' } }, 'options'],
    ['a public-key algorithm for HMAC', { options: { algorithm: 'ed25519' } }, 'options'],
    ['a hash for a public key', { provider: 'custom-public-key', options: { algorithm: 'sha256' } }, 'options'],
    ['a timestamp that is not signed', { options: { timestamp_header: 'X-Time', signed: '{body}' } }, 'options'],
    ['six search fields', { fields: Array(6).fill({ name: 'a', path: 'b' }) }, 'fields'],
    ['a retention of 0 days', { retention_days: 0 }, 'retention_days'],
  ])('is not created with %s', async (_, input, path) => {
    const source = { name: 'a', provider: 'custom-hmac', ...input }
    const { status, body } = await new World().api<Problem>('POST', '/api/sources', source)
    expect(status).toBe(422)
    expect(body.errors[0]?.path).toBe(path)
    expect(body.errors[0]?.message).toBeTruthy()
  })

  it.each(['/api/sources', '/api/inbound'])('is visible only to the owner: GET %s', async (path) => {
    expect((await new World().api('GET', path, undefined, {})).status).toBe(401)
  })

  it('is stored without a readable secret or URL', async () => {
    const world = new World()
    const { path } = await aSource(world, 'github', { secret: 'hush' })
    const row = await world.env.DB.prepare('select * from sources').first()
    expect(JSON.stringify(row)).not.toContain('hush')
    expect(JSON.stringify(row)).not.toContain(path.slice('/in/'.length))
  })
})

describe('the options of a source', () => {
  const body = '{"type":"greeting"}'

  async function postSigned(options: object, headers: Record<string, string>) {
    const world = new World()
    const { path } = await aSource(world, 'custom-hmac', { secret: 'hush', options })
    const answer = await post(world, path, body, headers)
    await world.drain()
    return theInbound(world, answer.body.id)
  }

  function mac(hash: string, text: string) {
    return createHmac(hash, 'hush').update(text)
  }

  it.each([
    ['by default', {}, { 'X-Signature': mac('sha256', body).digest('hex') }],
    ['with a prefix', {}, { 'X-Signature': `sha256=${mac('sha256', body).digest('hex')}` }],
    [
      'with a different header, algorithm, encoding and prefix',
      { header: 'X-My-Sig', algorithm: 'HMAC-SHA512', encoding: 'base64', prefix: 'v1=' },
      { 'X-My-Sig': `v1=${mac('sha512', body).digest('base64')}` },
    ],
    [
      'with another spelling of the algorithm',
      { header: 'X-Sig', algorithm: 'SHA-512', tolerance_seconds: 60 },
      { 'X-Sig': mac('sha512', body).digest('hex') },
    ],
  ])('describe the signature: %s', async (_, options, headers) => {
    expect(await postSigned(options, headers)).toMatchObject({ verified: true })
  })

  it('make a prefix mandatory', async () => {
    const signature = `sha256=${mac('sha256', body).digest('hex')}`
    expect(await postSigned({ prefix: 'v1=' }, { 'X-Signature': signature })).toMatchObject({
      reason: 'signature_mismatch',
    })
  })

  it.each([
    ['current', 0, { verified: true }],
    ['too old', -20_000, { reason: 'timestamp_too_old' }],
    ['too new', 20_000, { reason: 'timestamp_too_new' }],
  ])('set the tolerance for a signed timestamp: %s', async (_, offset, expected) => {
    const options = { timestamp_header: 'X-Time', timestamp_unit: 'ms', tolerance_seconds: 10 }
    const time = Date.now() + offset
    const signature = mac('sha256', `${time}.${body}`).digest('hex')
    const headers = { 'X-Signature': signature, 'X-Time': String(time) }
    expect(await postSigned(options, headers)).toMatchObject(expected)
  })

  it('set the URL that the provider signs', async () => {
    const world = new World()
    const url = 'https://elsewhere.example/hook'
    const { path } = await aSource(world, 'square', { secret: 'hush', options: { url } })
    const signature = mac('sha256', url + body).digest('base64')
    const headers = { 'X-Square-Hmacsha256-Signature': signature }
    const answer = await post(world, path, body, headers)
    await world.drain()
    expect(await theInbound(world, answer.body.id)).toMatchObject({ verified: true })
  })

  it('set where the event type and the delivery ID are found', async () => {
    const inbound = await postSigned(
      { event_type: 'header:x-kind', delivery_id: 'query:id' },
      { 'X-Signature': 'none', 'X-Kind': 'odd' }
    )
    expect(inbound).toMatchObject({ event_type: 'odd', external_id: null })
  })

  it('can be saved with search fields of one name that an earlier version has stored, and with no others', async () => {
    const world = new World()
    const { id } = await aSource(world, 'hmac', { name: 'CI', fields: [{ name: 'a', path: 'b' }] })
    const twice = [
      { name: 'n', path: 'issue.number' },
      { name: 'n', path: 'pull_request.number' },
    ]
    await env.DB.prepare('update sources set fields = ?1').bind(JSON.stringify(twice)).run()
    const browser = await ownerBrowser(world)
    const path = `/admin/sources/${id}`
    const html = await (await browser.get(`${path}?tab=settings`)).text()
    const form = formsIn(html, path).find(
      ({ action, fields }) => action === path && fields.some(([name]) => name === 'name')
    )
    const saved = await browser.submit(path, { ...Object.fromEntries(form?.fields ?? []), name: 'Renamed' })
    expect(saved.status).toBe(303)
    expect((await world.api('GET', `/api/sources/${id}`)).body).toMatchObject({ name: 'Renamed', fields: twice })
    expect((await world.api('PATCH', `/api/sources/${id}`, { fields: twice })).status).toBe(200)
    const others = await world.api<{ errors: { path: string }[] }>('PATCH', `/api/sources/${id}`, {
      fields: twice.toReversed(),
    })
    expect([others.status, others.body.errors[0]?.path]).toEqual([422, 'fields'])
    expect((await world.api('PATCH', `/api/sources/${id}`, { fields: twice.slice(1) })).status).toBe(200)
  })

  it('have aliases, as do providers and search fields', async () => {
    const source = await aSource(new World(), 'hmac', { fields: ['data.id'] })
    expect(source.provider).toBe('custom-hmac')
    expect(source).toMatchObject({ fields: [{ name: 'data_id', path: 'data.id' }] })
  })
})

describe('a provider with an optional secret', () => {
  it.each([
    ['accepts unsigned messages without a secret', {}, { status: 'processed', verified: false }],
    ['rejects unsigned messages with a secret', { secret: 'hush' }, { status: 'failed' }],
  ])('%s', async (_, more, expected) => {
    const world = new World()
    const { path } = await aSource(world, 'cloudevents', more)
    const answer = await post(world, path, '{"specversion":"1.0","id":"1","type":"a"}')
    await world.drain()
    expect(await theInbound(world, answer.body.id)).toMatchObject(expected)
  })
})

describe('the list of providers', () => {
  interface Listed {
    slug: string
    name: string
    secret: { what: string; where: string; by: string }
    headers: string[]
    handshake: unknown
    docs: string
    setup: string
  }

  it('is public, and says how each provider signs', async () => {
    const { status, body } = await new World().api<{ data: Listed[] }>('GET', '/api/providers', undefined, {})
    expect(status).toBe(200)
    const slugs = body.data.map(({ slug }) => slug)
    expect(slugs).toEqual(
      expect.arrayContaining(
        'github gitlab gitlab-token gitea buy-me-a-coffee ko-fi bitbucket stripe slack shopify standard-webhooks svix discord twilio sendgrid mailgun linear square hubspot zendesk zoom meta x telegram twitch custom-hmac intercom typeform calendly notion sentry vercel workos paddle webflow woocommerce docusign pagerduty cal-com trello hookdeck ghost telnyx elevenlabs jira postmark basic-auth'.split(
          ' '
        )
      )
    )
    const github = body.data.find(({ slug }) => slug === 'github')
    expect(github?.headers).toContain('x-hub-signature-256')
    const zoom = body.data.find(({ slug }) => slug === 'zoom')
    expect(zoom?.handshake).toEqual([{ name: 'endpoint.url_validation', description: expect.stringMatching(/./) }])
    expect(zoom?.secret).toEqual({ what: 'Secret token', where: expect.stringContaining('Features'), by: 'provider' })
    expect(zoom?.setup).toContain('Validate')
  })
})

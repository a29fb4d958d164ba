import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { aSource, type InboundView, listInbound, post } from '../../../support/sources'
import { World } from '../../../support/world'

const JSON_TYPE = { 'Content-Type': 'application/json' }

async function last(world: World): Promise<InboundView | undefined> {
  return (await listInbound(world, 'limit=1'))[0]
}

async function secretOf(world: World, id: string): Promise<unknown> {
  return (await world.api('GET', `/api/sources/${id}/secret`)).body.secret
}

describe('a handshake is answered immediately, and stored', () => {
  it('from Slack: url_verification', async () => {
    const world = new World()
    const { path } = await aSource(world, 'slack', { secret: 'hush' })
    const body = JSON.stringify({ type: 'url_verification', token: 't', challenge: 'Xa9_-=.~é<b>' })
    const answer = await post(world, path, body, JSON_TYPE)
    expect(answer).toMatchObject({ status: 200, text: 'Xa9_-=.~é<b>' })
    expect(answer.headers.get('Content-Type')).toMatch(/^text\/plain/)
    expect(answer.headers.get('X-Content-Type-Options')).toBe('nosniff')
    expect(await last(world)).toMatchObject({
      status: 'processed',
      event_type: 'handshake: url_verification',
      verified: false,
    })
    expect(world.queued).toEqual([])
  })

  it.each(['meta', 'whatsapp', 'websub'])('from %s: hub.challenge, if the verify token is correct', async (p) => {
    const world = new World()
    const { path } = await aSource(world, p, { secret: 's', options: { verify_token: 'mine' } })
    const query = (token: string) => `${path}?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=${token}`
    expect(await post(world, query('mine'), null, {}, 'GET')).toMatchObject({ status: 200, text: '1158201444' })
    const wrong = await post(world, query('other'), null, {}, 'GET')
    expect(wrong.status).toBe(403)
    expect(wrong.body.code).toBe('bad_token')
    expect(await last(world)).toMatchObject({ status: 'failed', reason: 'bad_token' })
  })

  it('but not if it asks to unsubscribe, because anyone who knows the URL could send it', async () => {
    const world = new World()
    const { path } = await aSource(world, 'websub', { secret: 's' })
    const query = `${path}?hub.mode=unsubscribe&hub.topic=a&hub.challenge=abc`
    expect((await post(world, query, null, {}, 'GET')).text).not.toBe('abc')
  })

  it('from WebSub: hub.challenge without a verify token', async () => {
    const world = new World()
    const { path } = await aSource(world, 'websub', { secret: 's' })
    const query = `${path}?hub.mode=subscribe&hub.topic=https%3A%2F%2Fa.example&hub.challenge=abc`
    expect(await post(world, query, null, {}, 'GET')).toMatchObject({ status: 200, text: 'abc' })
  })

  it('from Twitch: revocation, which is not the event of the subscription, if its signature is valid', async () => {
    const world = new World()
    const { path } = await aSource(world, 'twitch', { secret: 'hush-hush-hush', act: 'publish' })
    const body = '{"subscription":{"type":"stream.online","status":"authorization_revoked"}}'
    const send = (secret: string, id: string) => {
      const time = new Date().toISOString()
      const mac = createHmac('sha256', secret).update(`${id}${time}${body}`).digest('hex')
      return post(world, path, body, {
        'Twitch-Eventsub-Message-Id': id,
        'Twitch-Eventsub-Message-Timestamp': time,
        'Twitch-Eventsub-Message-Signature': `sha256=${mac}`,
        'Twitch-Eventsub-Message-Type': 'revocation',
        'Twitch-Eventsub-Subscription-Type': 'stream.online',
      })
    }
    expect((await send('hush-hush-hush', '1')).status).toBe(204)
    expect(await last(world)).toMatchObject({ status: 'processed', event_type: 'handshake: revocation' })
    expect((await send('guess-guess', '2')).status).not.toBe(204)
    expect(world.queued).toEqual([])
  })

  it('from Zoom: endpoint.url_validation', async () => {
    const world = new World()
    const { path } = await aSource(world, 'zoom', { secret: 'hush' })
    const plainToken = 'qgg8vlvZRS6UYooatFL8Aw'
    const body = JSON.stringify({ event: 'endpoint.url_validation', payload: { plainToken }, event_ts: 1 })
    const answer = await post(world, path, body, JSON_TYPE)
    expect(answer.status).toBe(200)
    expect(answer.body).toEqual({
      plainToken,
      encryptedToken: createHmac('sha256', 'hush').update(plainToken).digest('hex'),
    })
  })

  it('from X: crc_token', async () => {
    const world = new World()
    const { path } = await aSource(world, 'x', { secret: 'consumer' })
    const token = 'MTE1ODIwMTQ0NC0wMDAx'
    const answer = await post(world, `${path}?crc_token=${token}`, null, {}, 'GET')
    const mac = createHmac('sha256', 'consumer').update(token).digest('base64')
    expect(answer.body).toEqual({ response_token: `sha256=${mac}` })
  })

  it('with 401 if its signature is wrong, so that the owner notices a wrong secret', async () => {
    const world = new World()
    const { path } = await aSource(world, 'slack', { secret: 'hush' })
    const body = '{"type":"url_verification","challenge":"abc"}'
    const send = (secret: string) => {
      const at = String(Math.floor(Date.now() / 1_000))
      const mac = createHmac('sha256', secret).update(`v0:${at}:${body}`).digest('hex')
      const signed = { 'X-Slack-Signature': `v0=${mac}`, 'X-Slack-Request-Timestamp': at }
      return post(world, path, body, { ...JSON_TYPE, ...signed })
    }
    expect(await send('hush')).toMatchObject({ status: 200, text: 'abc' })
    expect((await send('wrong')).status).toBe(401)
    expect(await last(world)).toMatchObject({ status: 'failed', reason: 'signature_mismatch' })
  })

  it('but a token that could be the text of an event is not signed', async () => {
    const world = new World()
    const zoom = await aSource(world, 'zoom', { secret: 'hush' })
    for (const plainToken of ['v0:1790000000:{"event":"meeting.started"}', '{}', 'a b', 'a=b']) {
      const body = JSON.stringify({ event: 'endpoint.url_validation', payload: { plainToken } })
      const answer = await post(world, zoom.path, body, JSON_TYPE)
      expect(answer.status).toBe(202)
      expect(answer.text).not.toContain('encryptedToken')
    }
    const x = await aSource(world, 'x', { secret: 'hush' })
    const query = encodeURIComponent('{"tweet_create_events":[]}')
    const answer = await post(world, `${x.path}?crc_token=${query}`, null, {}, 'GET')
    expect(answer.status).toBe(202)
  })

  it('with 403 if the response must be signed and the source has no secret', async () => {
    const world = new World()
    const { path } = await aSource(world, 'x')
    const answer = await post(world, `${path}?crc_token=abc`, null, {}, 'GET')
    expect(answer.status).toBe(403)
    expect(answer.body.code).toBe('no_secret')
  })

  it('from Discord: PING, or with 401 if the signature is wrong', async () => {
    const pair = (await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])) as CryptoKeyPair
    const raw = (await crypto.subtle.exportKey('raw', pair.publicKey)) as ArrayBuffer
    const secret = Buffer.from(raw).toString('hex')
    const world = new World()
    const { path } = await aSource(world, 'discord', { secret })
    const send = async (body: string, signed = body) => {
      const timestamp = String(Math.floor(Date.now() / 1_000))
      const data = new TextEncoder().encode(timestamp + signed)
      const signature = await crypto.subtle.sign('Ed25519', pair.privateKey, data)
      return post(world, path, body, {
        ...JSON_TYPE,
        'X-Signature-Ed25519': Buffer.from(signature).toString('hex'),
        'X-Signature-Timestamp': timestamp,
      })
    }
    const interaction = '{"id":"1","application_id":"2","type":1,"token":"t","version":1}'
    expect(await send(interaction)).toMatchObject({ status: 200, text: '{"type":1}' })
    const ping = '{"version":1,"application_id":"2","type":0}'
    expect(await send(ping)).toMatchObject({ status: 204, text: '' })
    for (const body of [interaction, ping]) expect((await send(body, `${body} `)).status).toBe(401)
    const event = '{"version":1,"type":1,"event":{"type":"APPLICATION_AUTHORIZED"}}'
    expect((await send(event)).status).toBe(202)
    expect((await send(event, '{}')).status).toBe(401)
  })

  it('from Twitch: webhook_callback_verification', async () => {
    const world = new World()
    const { path } = await aSource(world, 'twitch', { secret: '0123456789' })
    const headers = { ...JSON_TYPE, 'Twitch-Eventsub-Message-Type': 'webhook_callback_verification' }
    const answer = await post(world, path, '{"challenge":"pogchamp-kappa-360noscope"}', headers)
    expect(answer).toMatchObject({ status: 200, text: 'pogchamp-kappa-360noscope' })
  })

  it('from CloudEvents: permission to send, requested with OPTIONS', async () => {
    const world = new World()
    const { path } = await aSource(world, 'cloudevents', { secret: 'hush' })
    const ask = (headers: Record<string, string>) => post(world, path, null, headers, 'OPTIONS')
    const origin = { 'WebHook-Request-Origin': 'eventgrid.azure.net' }
    const answer = await ask({ ...origin, 'WebHook-Request-Rate': '120' })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('WebHook-Allowed-Origin')).toBe('eventgrid.azure.net')
    expect(answer.headers.get('WebHook-Allowed-Rate')).toBe('120')
    expect(answer.headers.get('Allow')).toContain('POST')
    expect((await ask(origin)).headers.get('WebHook-Allowed-Rate')).toBe('*')
    expect((await ask({})).headers.get('WebHook-Allowed-Origin')).toBeNull()
  })

  it('from Event Grid: SubscriptionValidationEvent', async () => {
    const world = new World()
    const { path } = await aSource(world, 'event-grid', { secret: 'hush' })
    const body = JSON.stringify([
      {
        id: '1',
        eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent',
        data: { validationCode: '512d38b6-c7b8-40c8-89fe-f46f9e9622b6' },
      },
    ])
    const answer = await post(world, `${path}?code=hush`, body, JSON_TYPE)
    expect(answer.status).toBe(200)
    expect(answer.body).toEqual({ validationResponse: '512d38b6-c7b8-40c8-89fe-f46f9e9622b6' })
  })

  it('from Microsoft Graph: validationToken', async () => {
    const world = new World()
    const { path } = await aSource(world, 'microsoft-graph', { secret: 'state' })
    const answer = await post(world, `${path}?validationToken=Validation%3A%20a%2Bb`, '')
    expect(answer).toMatchObject({ status: 200, text: 'Validation: a+b' })
    expect(answer.headers.get('Content-Type')).toMatch(/^text\/plain/)
  })

  it('from Asana: X-Hook-Secret is returned and stored, and cannot be replaced', async () => {
    const world = new World()
    const source = await aSource(world, 'asana')
    const hello = (secret: string) => post(world, source.path, '{}', { ...JSON_TYPE, 'X-Hook-Secret': secret })
    const answer = await hello('b537207f20cbfa02357cf448134da559')
    expect(answer.status).toBe(200)
    expect(answer.headers.get('X-Hook-Secret')).toBe('b537207f20cbfa02357cf448134da559')
    expect(await secretOf(world, source.id)).toBe('b537207f20cbfa02357cf448134da559')
    const stolen = await hello('0'.repeat(32))
    expect(stolen.status).toBe(409)
    expect(stolen.headers.get('X-Hook-Secret')).toBeNull()
    expect(await secretOf(world, source.id)).toBe('b537207f20cbfa02357cf448134da559')
    const body = '{"events":[{"action":"added"}]}'
    const mac = createHmac('sha256', 'b537207f20cbfa02357cf448134da559').update(body).digest('hex')
    await post(world, source.path, body, { ...JSON_TYPE, 'X-Hook-Signature': mac })
    await world.drain()
    expect(await last(world)).toMatchObject({ status: 'processed', verified: true })
  })

  it('from Notion: the verification token is stored, but not in the message', async () => {
    const world = new World()
    const source = await aSource(world, 'notion')
    const answer = await post(world, source.path, '{"verification_token":"secret_abc"}', JSON_TYPE)
    expect(answer.status).toBe(200)
    expect(await secretOf(world, source.id)).toBe('secret_abc')
    const tables = await world.env.DB.batch(
      ['inbound_messages', 'inbound_chunks'].map((t) => world.env.DB.prepare(`select * from ${t}`))
    )
    expect(JSON.stringify(tables.map(({ results }) => results))).not.toContain('secret_abc')
  })

  it('from Trello: HEAD', async () => {
    const world = new World()
    const { path } = await aSource(world, 'trello', { secret: 'hush' })
    expect((await post(world, path, null, {}, 'HEAD')).status).toBe(200)
  })

  it('from WooCommerce: a ping without a signature, even if the source is strict', async () => {
    const world = new World()
    const { path } = await aSource(world, 'woocommerce', { secret: 'hush', strict: true })
    const form = { 'Content-Type': 'application/x-www-form-urlencoded' }
    expect((await post(world, path, 'webhook_id=12', form)).status).toBe(200)
    expect((await post(world, path, 'webhook_id=12&id=1', form)).status).toBe(401)
  })

  it('even if it cannot be stored', async () => {
    const world = new World()
    const { path } = await aSource(world, 'slack', { secret: 'hush' })
    const body = '{"type":"url_verification","challenge":"abc"}'
    await post(world, path, body, JSON_TYPE)
    world.recorder.failNextD1 = new Error('D1_ERROR: overloaded')
    expect(await post(world, path, body, JSON_TYPE)).toMatchObject({ status: 200, text: 'abc' })
  })

  it('and cannot be replayed', async () => {
    const world = new World()
    const { path } = await aSource(world, 'slack', { secret: 'hush' })
    await post(world, path, '{"type":"url_verification","challenge":"abc"}', JSON_TYPE)
    const { status } = await world.api('POST', `/api/inbound/${(await last(world))?.id}/replay`)
    expect(status).toBe(409)
  })
})

describe('a handshake that offers a different secret', () => {
  it('is refused, but stored so that the owner notices it', async () => {
    const world = new World()
    const source = await aSource(world, 'asana', { secret: 'mine' })
    await post(world, source.path, '{}', { 'X-Hook-Secret': 'theirs' })
    expect(await listInbound(world)).toMatchObject([{ status: 'failed', reason: 'has_secret' }])
  })
})

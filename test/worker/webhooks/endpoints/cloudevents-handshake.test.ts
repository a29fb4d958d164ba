import { describe, expect, it } from 'vitest'
import { aComment, anEndpoint, mailbox } from '../../../support/fixtures'
import { ownerBrowser } from '../../../support/session'
import { theEndpoint } from '../../../support/views'
import { World } from '../../../support/world'

describe('the CloudEvents handshake', () => {
  const HOST = 'guestbook.example.com'

  async function shake(behavior: string, world = new World()) {
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url(behavior), { format: 'cloudevents' })
    const { body } = await world.api('POST', `/api/endpoints/${id}/handshake`)
    return { world, id, box, body }
  }

  it('sends our host and rate limit, and evaluates the headers of the response, not its status', async () => {
    const { body, box } = await shake(`agree/${HOST}:120`)
    const answer = { allowed: true, origin: HOST, allowed_rate: 120, status_code: 405, error_class: 'http_4xx' }
    expect(body).toEqual(answer)
    const [asked] = await box.received()
    expect(asked?.headers).toMatchObject({ 'webhook-request-origin': HOST, 'webhook-request-rate': '300' })
    expect(asked?.headers).not.toHaveProperty('webhook-signature')
  })

  it('sends the custom headers, which a gateway in front of the receiver needs', async () => {
    const world = new World()
    const box = mailbox()
    const headers = { Authorization: 'Bearer gateway-token-1' }
    const { id } = await anEndpoint(world, box.url('agree/*'), { format: 'cloudevents', headers })
    await world.api('POST', `/api/endpoints/${id}/handshake`)
    expect((await box.received())[0]?.headers).toMatchObject({ authorization: headers.Authorization })
  })

  it.each([
    ['agree/*', true, null],
    ['agree/*:*', true, null],
    [`agree/elsewhere.example.com,${HOST}`, true, null],
    ['agree/elsewhere.example.com', false, null],
    [`agree/x${HOST}:5`, false, null],
    ['ok', false, null],
    ['status/200', false, null],
    ['redirect', false, null],
    ['close', false, null],
  ])('with the receiver %s: allowed is %s, the allowed rate is %s', async (behavior, allowed, rate) => {
    expect((await shake(behavior)).body).toMatchObject({ allowed, allowed_rate: rate })
  })

  it('lowers the endpoint’s rate limit to the allowed rate, but never raises it', async () => {
    const slower = await shake('agree/*:60')
    expect(await theEndpoint(slower.world, slower.id)).toMatchObject({ rate_limit: 60 })
    const faster = await shake('agree/*:6000')
    expect(await theEndpoint(faster.world, faster.id)).toMatchObject({ rate_limit: 300 })
  })

  it('also names our host in each event', async () => {
    const world = new World({ PUBLIC_URL: `https://${HOST}` })
    const box = mailbox()
    await anEndpoint(world, box.url('ok'), { format: 'cloudevents' })
    await aComment(world)
    await world.drain()
    const [request] = await box.received()
    expect(request?.headers.origin).toBe(HOST)
  })

  it('happens only on request, which is also possible in the dashboard', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url('agree/*'), { format: 'cloudevents' })
    expect(await box.received()).toEqual([])
    const browser = await ownerBrowser(world)
    const { location } = await browser.submit(`/admin/endpoints/${id}/handshake`, {})
    expect(await browser.notice(location ?? '')).toContain('gave permission')
    expect(await box.received()).toHaveLength(1)
  })
})

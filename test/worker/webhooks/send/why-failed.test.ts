import { describe, expect, it } from 'vitest'
import { aComment, anEndpoint, mailbox } from '../../../support/fixtures'
import { ownerBrowser } from '../../../support/session'
import { latestMessageId } from '../../../support/views'
import { World } from '../../../support/world'

/** The explanation of a failed attempt, from the API and from the delivery's page. */
async function explanation(behavior: string, more: Record<string, unknown> = {}) {
  const world = new World()
  const { id } = await anEndpoint(world, mailbox().url(behavior), more)
  const { body } = await world.api<{ explanation: string | null }>('POST', `/api/endpoints/${id}/test`)
  const browser = await ownerBrowser(world)
  await aComment(world)
  await world.drain()
  const path = `/admin/messages/${await latestMessageId(world)}/deliveries/${id}`
  return { explained: body.explanation, page: await browser.see(path) }
}

describe('the explanation of a failed attempt', () => {
  it.each([
    ['status/401', 'authentication'],
    ['status/403', 'denied'],
    ['status/404', 'typos'],
    ['status/405', 'POST'],
    ['status/410', 'no more'],
    ['status/413', 'large'],
    ['status/418', 'rejected'],
    ['status/429', 'rate limiting'],
    ['status/500', 'crashed (500)'],
    ['status/502', 'slower'],
    ['status/503', 'unavailable'],
    ['status/599', 'receiver failed'],
    ['status/522', 'firewall'],
    ['status/526', 'certificate'],
    ['redirect', 'http://169.254.169.254/'],
    ['close', 'refused'],
    ['broken/200', 'connection closed'],
  ])('for a receiver with %s contains "%s"', async (behavior, words) => {
    const { explained, page } = await explanation(behavior)
    expect(explained).toContain(words)
    expect(page).toContain(words)
  })

  it('is about the service, not about signatures, if the format is for a chat', async () => {
    const { explained, page } = await explanation('status/400', { format: 'discord' })
    expect(explained).toMatch(/^Discord .*format/)
    expect(page).toContain(explained)
    expect(page).not.toContain('Check the signature')
    expect((await explanation('status/400')).page).toContain('Check the signature')
  })

  it('promises a pause to a delivery, and not to a test, which is not sent again', async () => {
    const { explained, page } = await explanation('status/429')
    expect(page).toContain('use up an attempt')
    expect(explained).not.toContain('use up an attempt')
  })

  it('is null for an attempt that succeeded', async () => {
    expect((await explanation('ok')).explained).toBeNull()
  })
})

describe('the page "Why doesn\'t my signature match?"', () => {
  async function delivered() {
    const world = new World()
    const box = mailbox()
    await anEndpoint(world, box.url('ok'))
    await aComment(world, { body: 'Hello' })
    await world.drain()
    const [request] = await box.received()
    if (!request) throw new Error('nothing arrived')
    return {
      world,
      browser: await ownerBrowser(world),
      request,
      path: `/admin/signature/${JSON.parse(request.body).id}`,
    }
  }

  it('gets the message as the receiver got it, in each format, to compare it in the browser', async () => {
    const { browser, request, path } = await delivered()
    const { bodies } = await (await browser.get(path)).json<{ bodies: string[] }>()
    expect(bodies).toContain(request.body)
    expect(bodies.length).toBeGreaterThan(5)
    expect(bodies).toEqual([...new Set(bodies)])
  })

  it('gets no message that has been erased, or that does not exist', async () => {
    const { world, browser, request, path } = await delivered()
    await world.api('DELETE', `/api/comments/${JSON.parse(request.body).data.comment.id}`)
    for (const one of [path, '/admin/signature/msg_x']) expect((await browser.get(one)).status).toBe(404)
  })

  it('says that it needs scripts, and would send nothing without them', async () => {
    const html = await (await (await ownerBrowser(new World())).get('/admin/signature')).text()
    expect(html).toContain('<noscript>')
    const [form = ''] = /<form id="check".*?<\/form>/s.exec(html) ?? []
    expect(form).toContain('id="check-secret"')
    expect(form).not.toMatch(/ (name|action|method)=/)
    expect(form).toMatch(/<button [^>]*disabled/)
  })

  it('is for the owner only', async () => {
    const { path } = await delivered()
    for (const one of [path, '/admin/signature']) {
      const response = await new World().request(one)
      expect(response.headers.get('Location')).toContain('/admin/login')
    }
  })
})

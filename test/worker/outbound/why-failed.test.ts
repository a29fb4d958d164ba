import { describe, expect, it } from 'vitest'
import { aComment, anEndpoint, mailbox } from '../../support/fixtures'
import { ownerBrowser } from '../../support/session'
import { latestMessageId } from '../../support/views'
import { World } from '../../support/world'

/** The owner may send 20 tests a minute, in all test files together. */
const unlimited = () => ({ TEST_LIMIT: { limit: async () => ({ success: true }) } as RateLimit })

/** The explanation of a failed attempt, from the API and from the delivery's page. */
async function explanation(behavior: string) {
  const world = new World(unlimited())
  const { id } = await anEndpoint(world, mailbox().url(behavior))
  const { body } = await world.api<{ explanation: string | null }>('POST', `/api/endpoints/${id}/test`)
  const browser = await ownerBrowser(world)
  await aComment(world)
  await world.drain()
  const path = `/admin/messages/${await latestMessageId(world)}/deliveries/${id}`
  return { explained: body.explanation, page: await browser.see(path) }
}

describe('the explanation of a failed attempt', () => {
  it.each([
    ['status/401', 'requires authentication'],
    ['status/403', 'denied access'],
    ['status/404', 'Nothing was found at this path'],
    ['status/405', 'does not accept POST'],
    ['status/410', 'wants no more messages'],
    ['status/413', 'too large'],
    ['status/418', 'The receiver rejected the request'],
    ['status/429', 'We will pause for as long as it asked'],
    ['status/500', 'The receiver crashed (500). Check its logs.'],
    ['status/502', 'Deliveries will be slower for a while'],
    ['status/503', 'The receiver is unavailable'],
    ['status/599', 'The receiver failed. Check its logs.'],
    ['status/522', 'firewall allows Cloudflare'],
    ['status/526', 'certificate of the receiver is not valid'],
    ['redirect', 'The target is http://169.254.169.254/'],
    ['close', 'refused, or closed before'],
    ['broken/200', 'The status arrived, but then the connection closed'],
  ])('for a receiver with %s contains "%s"', async (behavior, words) => {
    const { explained, page } = await explanation(behavior)
    expect(explained).toContain(words)
    expect(page).toContain(words)
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
    const [form = ''] = /<form class="card".*?<\/form>/s.exec(html) ?? []
    expect(form).toContain('id="secret"')
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

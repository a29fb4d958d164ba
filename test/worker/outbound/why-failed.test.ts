import { describe, expect, it } from 'vitest'
import { aComment, anEndpoint, mailbox } from '../../support/fixtures'
import { ownerBrowser } from '../../support/session'
import { latestMessageId } from '../../support/views'
import { World } from '../../support/world'

/** The explanation of a failed attempt, from the API and from the delivery's page. */
async function explanation(behavior: string) {
  const world = new World()
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
    const { secret } = await anEndpoint(world, box.url('ok'))
    await aComment(world, { body: 'Hello' })
    await world.drain()
    const [request] = await box.received()
    if (!request) throw new Error('nothing arrived')
    const lines = Object.entries(request.headers).map(([name, value]) => `${name}: ${value}`)
    return { world, browser: await ownerBrowser(world), secret, headers: lines.join('\r\n'), request }
  }

  it('finds nothing wrong with a request that arrived', async () => {
    const { browser, secret, headers, request } = await delivered()
    const { text } = await browser.submit('/admin/signature', {
      secret,
      headers,
      body: request.body,
    })
    expect(text).toContain('✓ Result The signature matches')
    expect(text).toContain('✓ Body The body matches the message with this id.')
    expect(text).not.toContain('✕')
  })

  it('shows where a body differs from the one that was sent', async () => {
    const { browser, secret, headers, request } = await delivered()
    const body = request.body.replace('Hello', 'Hallo')
    const { text } = await browser.submit('/admin/signature', { secret, headers, body })
    expect(text).toContain('✕ Result')
    expect(text).toMatch(/at character \d+: we sent "ello.*", but you pasted "allo/)
  })

  it('checks the signature of a message that has been erased, but cannot compare its body', async () => {
    const { world, browser, secret, headers, request } = await delivered()
    await world.api('DELETE', `/api/comments/${JSON.parse(request.body).data.comment.id}`)
    const { status, text } = await browser.submit('/admin/signature', { secret, headers, body: request.body })
    expect(status).toBe(200)
    expect(text).toContain('✓ Result The signature matches')
    expect(text).not.toContain('The body matches the message')
  })

  it('accepts headers as JSON, or copied from a curl command', async () => {
    const { browser, secret, request } = await delivered()
    const command = Object.entries(request.headers).map(([name, value]) => `-H '${name}: ${value}' \\`)
    for (const headers of [JSON.stringify(request.headers, null, 2), command.join('\n')]) {
      const fields = { secret, headers, body: request.body }
      const { text } = await browser.submit('/admin/signature', fields)
      expect(text).toContain('✓ Result')
    }
  })

  it('shows a form to the owner only', async () => {
    const { browser } = await delivered()
    expect(await browser.see('/admin/signature')).toContain('Body, exactly as received')
    const response = await new World().request('/admin/signature')
    expect(response.headers.get('Location')).toContain('/admin/login')
  })
})

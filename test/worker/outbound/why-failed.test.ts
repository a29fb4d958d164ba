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
    ['status/401', 'authentication'],
    ['status/403', 'denied'],
    ['status/404', 'typos'],
    ['status/405', 'POST'],
    ['status/410', 'no more'],
    ['status/413', 'large'],
    ['status/418', 'rejected'],
    ['status/429', 'pause'],
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

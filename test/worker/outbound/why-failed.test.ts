import { describe, expect, it } from 'vitest'
import { ownerBrowser } from '../../support/session'
import { aComment, anEndpoint, latestMessageId, mailbox, World } from '../../support/world'

async function explanation(behaviour: string, prepare = async (_world: World, _id: string) => {}) {
  const world = new World()
  const { id } = await anEndpoint(world, mailbox().url(behaviour))
  await prepare(world, id)
  const { body } = await world.api<{ explanation: string | null }>(
    'POST',
    `/api/endpoints/${id}/test`
  )
  const browser = await ownerBrowser(world)
  await aComment(world)
  await world.drain()
  const path = `/admin/messages/${await latestMessageId(world)}/deliveries/${id}`
  return { said: body.explanation, shown: await browser.see(path) }
}

describe('why an attempt failed', () => {
  it.each([
    ['status/401', 'wants to be shown who asks'],
    ['status/403', 'does not let this request in'],
    ['status/404', 'nothing at this path'],
    ['status/405', 'takes no POST'],
    ['status/410', 'does not want to be called any more'],
    ['status/413', 'too large'],
    ['status/418', 'It refused the request'],
    ['status/429', 'left alone for as long as it asked'],
    ['status/500', 'Its own log says why'],
    ['status/502', 'slower pace'],
    ['status/503', 'not available just now'],
    ['status/599', 'failed on its side'],
    ['status/522', 'firewall let Cloudflare in'],
    ['status/526', 'certificate of its server is not valid'],
    ['redirect', 'It points to http://169.254.169.254/'],
    ['close', 'refused, or broke off'],
    ['broken/200', 'The status came, then the connection broke off'],
  ])('is said in plain words, with what to do next: %s', async (behaviour, words) => {
    const { said, shown } = await explanation(behaviour)
    expect(said).toContain(words)
    expect(shown).toContain(words)
  })

  it('is not said of one that did not', async () => {
    expect((await explanation('ok')).said).toBeNull()
  })
})

describe('the signature debugger', () => {
  async function delivered() {
    const world = new World()
    const box = mailbox()
    const { secret } = await anEndpoint(world, box.url('ok'))
    await aComment(world, { body: 'Hello' })
    await world.drain()
    const [request] = await box.received()
    if (!request) throw new Error('nothing arrived')
    const lines = Object.entries(request.headers).map(([name, value]) => `${name}: ${value}`)
    return { browser: await ownerBrowser(world), secret, headers: lines.join('\r\n'), request }
  }

  it('finds nothing wrong with what arrived', async () => {
    const { browser, secret, headers, request } = await delivered()
    const { text } = await browser.submit('/admin/signature', {
      secret,
      headers,
      body: request.body,
    })
    expect(text).toContain('✓ Result The signature fits')
    expect(text).toContain('✓ Body The body is what was sent under this id.')
    expect(text).not.toContain('✕')
  })

  it('says where a body differs from what was sent', async () => {
    const { browser, secret, headers, request } = await delivered()
    const body = request.body.replace('Hello', 'Hallo')
    const { text } = await browser.submit('/admin/signature', { secret, headers, body })
    expect(text).toContain('✕ Result')
    expect(text).toMatch(/from character \d+ on, "ello.*" was sent, and "allo/)
  })

  it('takes headers as JSON, or as a command has them', async () => {
    const { browser, secret, request } = await delivered()
    const command = Object.entries(request.headers).map(
      ([name, value]) => `-H '${name}: ${value}' \\`
    )
    for (const headers of [JSON.stringify(request.headers, null, 2), command.join('\n')]) {
      const fields = { secret, headers, body: request.body }
      const { text } = await browser.submit('/admin/signature', fields)
      expect(text).toContain('✓ Result')
    }
  })

  it('shows a form first, and is the owner’s', async () => {
    const { browser } = await delivered()
    expect(await browser.see('/admin/signature')).toContain('Body, exactly as it came')
    const response = await new World().request('/admin/signature')
    expect(response.headers.get('Location')).toContain('/admin/login')
  })
})

import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { type AddressInfo, connect, createServer, type Server } from 'node:net'
import { promisify } from 'node:util'
import { expect, test } from '@playwright/test'
import { Guestbook } from '../../support/bundled/guestbook'
import { eventually } from '../../support/program/program'

let program: Guestbook
/** Another name of the program: everything that is sent to it arrives at the program. */
let otherName: Server
let otherUrl: string

test.beforeAll(async () => {
  program = await Guestbook.start()
  otherName = createServer((client) => {
    const upstream = connect(program.port, 'localhost')
    client.pipe(upstream).pipe(client)
    for (const socket of [client, upstream]) {
      socket.on('error', () => undefined)
      socket.on('close', () => {
        client.destroy()
        upstream.destroy()
      })
    }
  })
  await new Promise<void>((resolve) => otherName.listen(0, '127.0.0.1', resolve))
  otherUrl = `http://127.0.0.1:${(otherName.address() as AddressInfo).port}`
})

test.afterAll(async () => {
  otherName.close()
  await program.end()
})

async function aSource(provider: string, more: object) {
  const input = { name: provider, provider, ...more }
  const { status, body } = await program.api<{ id: string; url: string }>('POST', '/api/sources', input)
  expect(status).toBe(201)
  return { id: body.id, path: new URL(body.url).pathname }
}

interface Inbound {
  id: string
  status: string
}

test('a guestbook that calls itself under another name stops after three hops', async () => {
  const secret = `whsec_${randomBytes(32).toString('base64')}`
  const { id, path } = await aSource('standard-webhooks', { secret, act: 'publish' })
  const event_types = ['comment.published', 'inbound.received']
  const endpoint = await program.api<{ id: string }>('POST', '/api/endpoints', {
    url: otherUrl + path,
    event_types,
    secret,
  })
  expect(endpoint.status).toBe(201)
  await program.api('POST', '/api/comments', { name: 'Ada', body: 'Round and round' })
  const refused = await eventually(async () => {
    const list = `/api/endpoints/${endpoint.body.id}/deliveries`
    const { body } = await program.api<{ data: { message_id: string; last_status_code: number }[] }>('GET', list)
    const found = body.data.find(({ last_status_code }) => last_status_code === 508)
    expect(found).toBeDefined()
    return found
  })
  const refusal = `/api/messages/${refused?.message_id}/deliveries/${endpoint.body.id}`
  const { body: delivery } = await program.api<{ attempts: { response_excerpt: string }[] }>('GET', refusal)
  expect(delivery.attempts[0]?.response_excerpt).toContain('3 guestbooks')
  const { body: inbound } = await program.api<{ data: Inbound[] }>('GET', `/api/inbound?source=${id}`)
  expect(inbound.data.map(({ status }) => status)).toEqual(['processed', 'processed', 'processed'])
})

test('an endpoint at any name of this machine is refused if it is the guestbook itself', async () => {
  const { path } = await aSource('unsigned', { act: 'keep' })
  for (const host of ['localhost', '127.0.0.1', '127.1', '[::1]']) {
    const url = `http://${host}:${program.port}${path}`
    const { status, body } = await program.api('POST', '/api/endpoints', { url })
    expect(status, url).toBe(422)
    expect(JSON.stringify(body)).toContain('this guestbook')
  }
})

/** Sends a request with a Host of the sender's choice. */
function sendWithHost(path: string, host: string, body: string): Promise<{ id: string }> {
  return new Promise((resolve, reject) => {
    const headers = { Host: host, 'Content-Type': 'text/plain', 'X-Name': '{a,b}[1-3]' }
    const request = httpRequest(program.url + path, { method: 'POST', headers }, (response) => {
      let text = ''
      response.on('data', (chunk) => (text += chunk))
      response.on('end', () => resolve(JSON.parse(text)))
    })
    request.on('error', reject)
    request.end(body)
  })
}

async function copiedCommand(id: string): Promise<string> {
  const login = await fetch(`${program.url}/admin/login`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', Origin: program.url },
    body: new URLSearchParams({ token: program.token }),
    redirect: 'manual',
  })
  const cookie = login.headers.get('Set-Cookie')?.split(';')[0] ?? ''
  const html = await (await fetch(`${program.url}/admin/inbound/${id}`, { headers: { Cookie: cookie } })).text()
  const [, escaped = ''] = /data-copy="([^"]*curl [^"]*)"/.exec(html) ?? []
  const named: Record<string, string> = { quot: '"', '#39': "'", lt: '<', gt: '>', amp: '&' }
  return escaped.replace(/&(quot|#39|lt|gt|amp);/g, (_, name) => named[name] ?? '')
}

test('the copied curl command sends the same request to this guestbook, whatever a stranger has sent', async () => {
  const { path } = await aSource('unsigned', { act: 'keep' })
  for (const body of ['@/etc/passwd', '{a,b}', '[1-3]', `'; echo "$(id)" \`id\` \\`, 'one\ntwo\r\n', 'a\0b\x1b[201~']) {
    const { id } = await sendWithHost(`${path}?q={a,b}[1-3]&r=${encodeURIComponent(body)}`, 'evil.example', body)
    const command = await copiedCommand(id)
    expect(command).toContain('--globoff')
    expect(command).not.toContain('evil.example')
    const { stdout } = await promisify(execFile)('sh', ['-c', command])
    // A repeat has the same method, query and body, byte for byte.
    expect(JSON.parse(stdout), command).toEqual({ id, repeat: true })
  }
})

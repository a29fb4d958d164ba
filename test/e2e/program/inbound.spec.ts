import { createHash, createHmac, randomBytes, randomUUID } from 'node:crypto'
import { Agent, request as httpRequest, type OutgoingHttpHeaders } from 'node:http'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { expect, test } from '@playwright/test'
import { eventually, Program } from '../../support/program/program'

const BURST = 600
const CONNECTIONS = 50
const MB = 1_024 * 1_024

interface Inbound {
  id: string
  status: string
  reason: string | null
  external_id: string
  size: number
  headers: [string, string][]
}

let program: Program

test.beforeAll(async () => {
  program = await Program.start()
})
test.afterAll(async () => program.end())

async function aSource(provider: string, more: object = {}): Promise<{ id: string; path: string }> {
  const input = { name: provider, provider, ...more }
  const { status, body } = await program.api<{ id: string; url: string }>('POST', '/api/sources', input)
  expect(status).toBe(201)
  return { id: body.id, path: new URL(body.url).pathname }
}

interface Answer {
  status: number
  body: { id: string; repeat?: boolean }
}

function send(path: string, headers: OutgoingHttpHeaders, body: Buffer | null, agent?: Agent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { method: 'POST', headers, ...(agent && { agent }) }
    const request = httpRequest(program.url + path, options, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk) => chunks.push(chunk))
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        resolve({ status: response.statusCode ?? 0, body: text ? JSON.parse(text) : { id: '' } })
      })
    })
    request.on('error', reject)
    if (body) request.end(body)
    else request.end()
  })
}

async function stored(id: string): Promise<Inbound> {
  return (await program.api<Inbound>('GET', `/api/inbound/${id}`)).body
}

async function bodyOf(id: string): Promise<Buffer> {
  const headers = { Authorization: `Bearer ${program.token}` }
  const response = await fetch(`${program.url}/api/inbound/${id}/body`, { headers })
  expect(response.status).toBe(200)
  return Buffer.from(await response.arrayBuffer())
}

/** All messages of a source. */
async function allOf(source_id: string): Promise<Inbound[]> {
  const found: Inbound[] = []
  for (let next: string | null = ''; next !== null; ) {
    const path: string = `/api/inbound?source=${source_id}&limit=100${next && `&cursor=${next}`}`
    const { body } = await program.api<{ data: Inbound[]; next: string | null }>('GET', path)
    found.push(...body.data)
    next = body.next
  }
  return found
}

test('each webhook in a burst of 600 over 50 connections is stored once and processed', async () => {
  test.setTimeout(180_000)
  const { id, path } = await aSource('github', { secret: 'hush' })
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })
  const deliveries = Array.from({ length: BURST }, (_, i) => ({ external_id: randomUUID(), i }))
  // One in ten is sent twice, as by a sender that did not get the response.
  const all = deliveries.flatMap((one) => (one.i % 10 === 0 ? [one, one] : [one]))
  const post = ({ external_id, i }: { external_id: string; i: number }) => {
    const body = Buffer.from(JSON.stringify({ i, padding: 'x'.repeat(i % 3_000) }))
    const mac = createHmac('sha256', 'hush').update(body).digest('hex')
    const headers = {
      'Content-Type': 'application/json',
      'X-GitHub-Event': 'push',
      'X-GitHub-Delivery': external_id,
      'X-Hub-Signature-256': `sha256=${mac}`,
    }
    return send(path, headers, body, agent)
  }
  const answers = await Promise.all(all.map(post))
  agent.destroy()
  expect(answers.every(({ status }) => status === 202 || status === 200)).toBe(true)
  expect(answers.filter(({ status }) => status === 202)).toHaveLength(BURST)
  expect(new Set(answers.map(({ body }) => body.id)).size).toBe(BURST)
  await eventually(async () => {
    const { body } = await program.api<{ data: Inbound[] }>('GET', `/api/inbound?source=${id}&status=new&limit=1`)
    expect(body.data).toEqual([])
  }, 120_000)
  const found = await allOf(id)
  expect(found).toHaveLength(BURST)
  expect(new Set(found.map((one) => one.external_id))).toEqual(new Set(deliveries.map((one) => one.external_id)))
  expect(found.filter(({ status, reason }) => status !== 'processed' || reason !== null)).toEqual([])
})

/** Sends a complete request, and closes the connection without waiting for the response. */
function sendAndHangUp(path: string, body: string): Promise<void> {
  const { hostname, port } = new URL(program.url)
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => {
      const head = `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n`
      socket.write(head + body, () => socket.destroy())
    })
    socket.on('error', () => undefined)
    socket.on('close', () => resolve())
  })
}

test('senders that hang up do not affect the webhooks of other senders', async () => {
  const source = await aSource('unsigned')
  const gone: Promise<void>[] = []
  const answers: Promise<Answer>[] = []
  for (let i = 0; i < 150; i++) {
    gone.push(sendAndHangUp(source.path, `gone ${i}`))
    answers.push(send(source.path, {}, Buffer.from(`here ${i}`)))
  }
  await Promise.all(gone)
  const received = await Promise.all(answers)
  expect(received.filter(({ status }) => status !== 202)).toEqual([])
  const sizes: number[] = []
  for (const { body } of received) sizes.push((await stored(body.id)).size)
  expect(sizes).toHaveLength(150)
  expect(Math.min(...sizes)).toBeGreaterThan(0)
})

test.describe('a body over a real socket', () => {
  const binary = { 'Content-Type': 'application/octet-stream' }

  for (const [name, headers, body] of [
    ['that is empty', {}, Buffer.alloc(0)],
    ['of 8 MB', binary, randomBytes(8 * MB)],
    ['with gzip encoding', { 'Content-Encoding': 'gzip' }, gzipSync('{"a":1}'.repeat(1_000))],
    ['that is chunked', { 'Transfer-Encoding': 'chunked' }, randomBytes(300_000)],
    ['with invalid UTF-8 and NUL', binary, Buffer.from([0x7b, 0xff, 0, 0xc3, 0x28])],
  ] as const) {
    test(`${name} is stored byte for byte`, async () => {
      const { path } = await aSource('unsigned')
      const { status, body: answer } = await send(path, headers, body)
      expect(status).toBe(202)
      const back = await bodyOf(answer.id)
      const hash = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
      expect(hash(back)).toBe(hash(body))
      await eventually(async () => expect(await stored(answer.id)).toMatchObject({ status: 'processed' }))
    })
  }

  test('of 8 MB and one byte is refused, and nothing is stored', async () => {
    const { id, path } = await aSource('unsigned')
    expect((await send(path, binary, Buffer.alloc(8 * MB + 1))).status).toBe(413)
    const chunked = { ...binary, 'Transfer-Encoding': 'chunked' }
    expect((await send(path, chunked, Buffer.alloc(8 * MB + 1))).status).toBe(413)
    expect(await allOf(id)).toEqual([])
  })

  test('with 200 headers is stored with all of them', async () => {
    const { path } = await aSource('unsigned')
    const many = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`x-h-${i}`, `v${i}`]))
    const { body } = await send(path, many, Buffer.from('x'))
    const { headers } = await stored(body.id)
    expect(headers.filter(([name]) => name.startsWith('x-h-'))).toHaveLength(200)
  })

  test('that is shorter than its Content-Length is not stored', async () => {
    const { id, path } = await aSource('unsigned')
    await new Promise<void>((resolve) => {
      const socket = connect(program.port, 'localhost', () => {
        socket.write(`POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nonly this`)
        setTimeout(() => socket.destroy(), 300)
      })
      socket.on('close', () => resolve())
      socket.on('error', () => undefined)
    })
    // The program still works: the next webhook is stored.
    expect((await send(path, {}, Buffer.from('after'))).status).toBe(202)
    expect((await allOf(id)).map(({ size }) => size)).toEqual([5])
  })
})

test('webhooks that were accepted before a crash are processed after the restart', async () => {
  const { id, path } = await aSource('unsigned', { act: 'publish' })
  const ids: string[] = []
  for (let i = 0; i < 20; i++) {
    const { body } = await send(path, { 'X-Delivery-Id': String(i) }, Buffer.from(`{"i":${i}}`))
    ids.push(body.id)
  }
  await program.stop('SIGKILL')
  program = await Program.start(program.state)
  await eventually(async () => {
    await program.tick(10 * 60_000)
    const statuses = (await allOf(id)).map(({ status }) => status)
    expect(statuses).toEqual(Array(20).fill('processed'))
  }, 60_000)
  const { body } = await program.api<{ data: unknown[] }>('GET', '/api/messages?limit=100')
  expect(body.data).toHaveLength(20)
})

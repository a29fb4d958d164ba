import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { expect, test } from '@playwright/test'
import { Validator } from '@seriousme/openapi-schema-validator'
import { Webhook } from 'standardwebhooks'
import { eventually, Program } from '../../support/program/program'
import { runtimePids } from '../../support/program/resident-memory'
import { type Receiver, startReceiver } from '../../support/receiver'

let program: Program
let receiver: Receiver

test.beforeAll(async () => {
  receiver = await startReceiver()
  program = await Program.start()
})

test.afterAll(async () => {
  await program.end()
  await receiver.close()
})

interface Endpoint {
  id: string
  secret: string
}

async function register(path: string): Promise<Endpoint> {
  const { body } = await program.api<Endpoint>('POST', '/api/endpoints', {
    url: `${receiver.url}/${path}`,
  })
  return body
}

test('a comment reaches three receivers, and the standardwebhooks library verifies each request', async () => {
  const boxes = ['json-a', 'json-b', 'json-c']
  const endpoints = await Promise.all(boxes.map((box) => register(`${box}/ok`)))
  const { status } = await program.api('POST', '/api/comments', { name: 'Ada', body: 'Hello 👋' })
  expect(status).toBe(201)
  const requests = await eventually(async () => {
    const received = boxes.map((box) => receiver.received(box))
    expect(received.map((own) => own.length)).toEqual([1, 1, 1])
    return received.flat()
  })
  const payloads = requests.map(({ body, headers }, i) => {
    const text = Buffer.from(body, 'latin1').toString('utf8')
    return new Webhook(endpoints[i]?.secret ?? '').verify(text, headers)
  })
  const payload = { type: 'comment.published', data: { comment: { name: 'Ada', body: 'Hello 👋' } } }
  expect(payloads).toMatchObject([payload, payload, payload])
})

test('a failing receiver is retried within seconds, with the same id and the same bytes', async () => {
  await register('flaky/fail-times/1')
  await program.api('POST', '/api/comments', { name: 'Ada', body: 'again' })
  const requests = await eventually(async () => {
    const all = receiver.received('flaky')
    expect(all).toHaveLength(2)
    return all
  })
  expect(requests[0]?.headers['webhook-id']).toBe(requests[1]?.headers['webhook-id'])
  expect(requests[0]?.body).toBe(requests[1]?.body)
})

test('messages that were accepted before a SIGKILL are delivered after the next start', async () => {
  await register('killed/ok')
  const accepted = await Promise.all(
    Array.from({ length: 10 }, (_, i) => program.api('POST', '/api/comments', { name: 'Ada', body: `number ${i}` }))
  )
  expect(accepted.map(({ status }) => status)).toEqual(Array(10).fill(201))
  await program.stop('SIGKILL')
  program = await Program.start(program.state)
  await program.tick(5 * 60_000)
  await eventually(async () => {
    const ids = new Set(receiver.received('killed').map((one) => one.headers['webhook-id']))
    expect(ids.size).toBe(10)
  })
})

test('the OpenAPI document is valid OpenAPI 3.1', async () => {
  const document = (await (await fetch(`${program.url}/openapi.json`)).json()) as {
    openapi: string
  }
  expect(document.openapi).toBe('3.1.0')
  const { valid, errors } = await new Validator().validate(document)
  expect(errors ?? []).toEqual([])
  expect(valid).toBe(true)
})

test('the guestbook page and its stylesheet take at most 15 KB, compressed', async () => {
  for (let i = 0; i < 20; i++) {
    await program.api('POST', '/api/comments', {
      name: `Guest ${i}`,
      body: `${crypto.randomUUID()} `.repeat(4),
    })
  }
  const page = await (await fetch(program.url)).text()
  const stylesheets = [...page.matchAll(/<link rel="stylesheet" href="([^"]+)"/g)].map(([, href]) => href)
  expect(stylesheets).toHaveLength(2)
  const parts = [page]
  for (const href of stylesheets) parts.push(await (await fetch(program.url + href)).text())
  const size = parts.reduce((sum, text) => sum + gzipSync(text).length, 0)
  console.log(`budget  guestbook page with 20 entries and its CSS: ${size} bytes gzip (<= 15000)`)
  expect(size).toBeLessThanOrEqual(15_000)
})

test('the program survives requests that are not HTTP', async () => {
  for (const bytes of [
    'GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n',
    '\0\0\0\0',
    'GET / HTTP/9\r\n\r\n',
  ]) {
    await new Promise<void>((resolve) => {
      const socket = connect(program.port, '127.0.0.1', () => socket.write(bytes))
      socket.on('close', () => resolve())
      socket.on('error', () => resolve())
      socket.setTimeout(1_000, () => socket.destroy())
    })
  }
  expect((await fetch(`${program.url}/healthz`)).status).toBe(200)
})

test('a second program on the same database does not start, and says why', async () => {
  await expect(Program.start(program.state)).rejects.toThrow(/another "npm start"/)
  expect((await fetch(`${program.url}/healthz`)).status).toBe(200)
})

test('all processes of the program end when nobody reads its output anymore', async () => {
  const other = await Program.start()
  other.stopReading()
  // Accepting a comment writes a log line, so the program may end before it responds.
  await other.api('POST', '/api/comments', { name: 'Ada', body: 'Hi?' }).catch(() => undefined)
  try {
    await eventually(async () => expect(runtimePids(other.group)).toEqual([]))
    await expect(fetch(`${other.url}/healthz`)).rejects.toThrow()
  } finally {
    if (runtimePids(other.group).length > 0) process.kill(-other.group, 'SIGKILL')
    await other.end()
  }
})

test('an existing token is not shown again, and two programs run at the same time', async () => {
  const other = await Program.start()
  expect(other.output).not.toContain(other.token)
  expect(other.port).not.toBe(program.port)
  const list = await other.api<{ data: unknown[] }>('GET', '/api/endpoints')
  expect(list.body.data).toEqual([])
  await other.end()
  await expect(fetch(`${other.url}/healthz`)).rejects.toThrow()
})

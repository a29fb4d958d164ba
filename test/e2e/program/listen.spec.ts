import { type ChildProcess, spawn } from 'node:child_process'
import { expect, test } from '@playwright/test'
import { Webhook } from 'standardwebhooks'
import { eventually, Program } from '../../support/program'
import { type Receiver, startReceiver } from '../../support/receiver'

let program: Program
let receiver: Receiver
let listener: ChildProcess | null = null
let output = ''

test.beforeAll(async () => {
  receiver = await startReceiver()
  program = await Program.start()
})

test.afterEach(() => {
  // Its group: npm, and what npm started.
  if (listener?.pid && listener.exitCode === null) process.kill(-listener.pid, 'SIGKILL')
  listener = null
  output = ''
})

test.afterAll(async () => {
  await program.end()
  await receiver.close()
})

async function listen(to: string, ...more: string[]): Promise<void> {
  const args = ['run', '-s', 'listen', '--', '--url', program.url, '--to', `${receiver.url}/${to}`]
  listener = spawn('npm', [...args, ...more], { detached: true })
  for (const stream of [listener.stdout, listener.stderr]) {
    stream?.on('data', (text) => {
      output += text
    })
  }
  await eventually(async () => expect(output).toMatch(/Listening|answered/))
}

function seen(mailbox: string, count: number) {
  return eventually(async () => {
    const all = receiver.received(mailbox)
    expect(all).toHaveLength(count)
    return all
  })
}

test('listening posts what happens, byte for byte, and again at a key press', async () => {
  await listen('laptop/ok')
  const secret = /whsec_\S+/.exec(output)?.[0] ?? ''
  await program.api('POST', '/api/comments', { name: 'Zoë', body: 'Hello 👋' })
  await seen('laptop', 1)
  listener?.stdin?.write('r')
  const requests = await seen('laptop', 2)
  for (const { body, headers } of requests) {
    const text = Buffer.from(body, 'latin1').toString('utf8')
    const payload = new Webhook(secret).verify(text, headers)
    expect(payload).toMatchObject({ data: { comment: { name: 'Zoë', body: 'Hello 👋' } } })
  }
  expect(requests[0]?.body).toBe(requests[1]?.body)
  expect(output).toContain('[signature good]')
  await eventually(async () => expect(output.match(/-> 200 in \d+ ms/g)).toHaveLength(2))
})

test('listening with a pull token gets what that endpoint asks for, from where it says', async () => {
  const { body: endpoint } = await program.api<{ id: string }>('POST', '/api/endpoints', {
    url: 'https://example.com/',
    event_types: ['order.*'],
    enabled: false,
  })
  const { body } = await program.api<{ token: string }>('POST', `/api/endpoints/${endpoint.id}/pull-token`)
  const order = { type: 'order.paid', data: { n: 1 } }
  const { body: first } = await program.api<{ id: string }>('POST', '/api/messages', order)
  await program.api('POST', '/api/messages', { type: 'order.paid', data: { n: 2 } })
  await program.api('POST', '/api/comments', { name: 'Ada', body: 'not asked for' })
  const token = ['--endpoint', endpoint.id, '--token', body.token]
  await listen('orders/ok', ...token, '--after', first.id)
  const [request] = await seen('orders', 1)
  expect(JSON.parse(request?.body ?? '')).toMatchObject({ type: 'order.paid', data: { n: 2 } })
})

test('listening says what is wrong, and ends, when the token is', async () => {
  await listen('nobody/ok', '--endpoint', 'ep_x', '--token', 'pull_x')
  await eventually(async () => expect(listener?.exitCode).toBe(1))
  expect(output).toContain('answered 401')
})

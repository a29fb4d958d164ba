import { type ChildProcess, spawn } from 'node:child_process'
import { expect, test } from '@playwright/test'
import { Webhook } from 'standardwebhooks'
import { Guestbook } from '../../support/bundled/guestbook'
import { eventually } from '../../support/program/program'
import { type Receiver, startReceiver } from '../../support/receiver'

let program: Guestbook
let receiver: Receiver
let listener: ChildProcess | null = null
let output = ''

test.beforeAll(async () => {
  receiver = await startReceiver()
  program = await Guestbook.start()
})

test.afterEach(() => {
  // The signal goes to the process group: npm, and the processes that npm started.
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

test('"npm run listen" posts every event byte for byte, and posts it again when R is pressed', async () => {
  await listen('laptop/ok')
  const secret = /whsec_\S+/.exec(output)?.[0] ?? ''
  await program.api('POST', '/api/comments', { name: 'Zoë', body: 'Hello 👋' })
  await seen('laptop', 1)
  listener?.stdin?.write('r')
  const requests = await seen('laptop', 2)
  const payloads = requests.map(({ body, headers }) => {
    const text = Buffer.from(body, 'latin1').toString('utf8')
    return new Webhook(secret).verify(text, headers)
  })
  const payload = { data: { comment: { name: 'Zoë', body: 'Hello 👋' } } }
  expect(payloads).toMatchObject([payload, payload])
  expect(requests[0]?.body).toBe(requests[1]?.body)
  expect(output).toContain('[signature good]')
  await eventually(async () => expect(output.match(/-> 200 in \d+ ms/g)).toHaveLength(2))
})

test('"npm run listen" with a pull token posts the events of that endpoint after a given message', async () => {
  const { body: endpoint } = await program.api<{ id: string }>('POST', '/api/endpoints', {
    url: 'https://example.com/',
    event_types: ['order.*'],
    enabled: false,
  })
  const { body } = await program.api<{ token: string }>('POST', `/api/endpoints/${endpoint.id}/pull-token`)
  const order = { type: 'order.paid', data: { n: 1 } }
  const { body: first } = await program.api<{ id: string }>('POST', '/api/messages', order)
  await program.api('POST', '/api/messages', { type: 'order.paid', data: { n: 2 } })
  await program.api('POST', '/api/comments', { name: 'Ada', body: 'not subscribed' })
  const token = ['--endpoint', endpoint.id, '--token', body.token]
  await listen('orders/ok', ...token, '--after', first.id)
  const [request] = await seen('orders', 1)
  expect(JSON.parse(request?.body ?? '')).toMatchObject({ type: 'order.paid', data: { n: 2 } })
})

test('"npm run listen" with an invalid token shows an error and exits', async () => {
  await listen('nobody/ok', '--endpoint', 'ep_x', '--token', 'pull_x')
  await eventually(async () => expect(listener?.exitCode).toBe(1))
  expect(output).toContain('answered 401')
})

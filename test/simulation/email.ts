import { env } from 'cloudflare:workers'
import { Buffer } from 'node:buffer'
import { isDead } from '../support/counting'
import type { Received } from '../support/receiver'
import type { World } from '../support/world'
import type { KnownEndpoint } from './known'

/*
 * A mailbox for e-mails. The binding of miniflare parses each message, as Cloudflare does. An e-mail has no signature,
 * so it gets a number in its place.
 */

type Message = { from: string; to: string; 'EmailMessage::raw'?: string }

export const EMAIL_FROM = 'book@example.com'

/** What has arrived, by the name of the receiver. */
export type Emails = Map<string, Received[]>

/** @param endpoints whose receivers answer as they were told @param worldOf returns the isolate that sends */
export function emailBinding(
  endpoints: readonly KnownEndpoint[],
  emails: Emails,
  worldOf: () => World
): NonNullable<Env['EMAIL']> {
  const send = async (message: Message) => {
    const world = worldOf()
    if (isDead(world.recorder)) throw new Error('killed')
    const [name = ''] = message.to.split('@')
    const { id, body } = read(message['EmailMessage::raw'] ?? '')
    const received = emails.get(name) ?? []
    const headers = { 'webhook-id': id, 'webhook-signature': `e-mail ${received.length + 1} to ${name}` }
    const url = `mailto:${message.to}`
    const sent = { at: Date.now(), url, headers, body }
    world.sent.push(sent)
    await world.beforeRequest?.(sent)
    emails.set(name, [...received, { path: url, headers, body }])
    const behavior = endpoints.find((one) => one.name === name)?.behavior ?? ''
    if (!accepts(behavior, received.length + 1)) throw new Error('destination address is not a verified address')
    return (env as Env).EMAIL?.send(message as never)
  }
  return { send } as never
}

/** There is no other answer to an e-mail than whether it was accepted. */
function accepts(behavior: string, calls: number): boolean {
  const [name, argument = ''] = behavior.split('/')
  if (name === 'fail-times') return calls > Number(argument)
  return name === 'echo' || name === 'ok' || name === 'say'
}

/** @returns the id of the message, and the subject and the text as JSON */
function read(raw: string): { id: string; body: string } {
  const [head = '', text = ''] = raw.split('\r\n\r\n')
  const [, subject = ''] = /^Subject: ((?:.|\r\n[ \t])*)/m.exec(head) ?? []
  const words = [...subject.matchAll(/=\?utf-8\?B\?(.*?)\?=/gi)].map(([, word = '']) => decode(word))
  const [, id = ''] = /^Message-ID: <(\w+)\./m.exec(head) ?? []
  return { id, body: JSON.stringify({ subject: words.join(''), text: decode(text) }) }
}

const decode = (base64: string): string => Buffer.from(base64, 'base64').toString()

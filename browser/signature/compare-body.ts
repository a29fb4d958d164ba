import type { Finding } from './diagnose'
import { faultAtEnd } from './end-of-body'

const MATCHES =
  'The body matches the message with this id. If the signature does not match, the secret is wrong, or the ID or the timestamp was changed.'

/**
 * Compares a body with the message that has the same id.
 * @param sent the message as each kind of endpoint gets it, without the owner's own texts
 * @returns null if the body cannot be compared
 */
export function compareBody(sent: string[], id: string, body: string): Finding | null {
  // The owner's own text follows the message.
  const isSent = sent.some((one) => body === one || body.startsWith(`${one.slice(0, -1)},"text":"`))
  if (isSent) return { part: 'body', verdict: 'good', text: MATCHES }
  // A message for people depends on more than the event: its links, the owner's text, the chat. Those have no id in them.
  if (!body.includes(id)) return null
  const [closest = ''] = sent.toSorted((a, b) => sameUntil(b, body) - sameUntil(a, body))
  return { part: 'body', verdict: 'bad', text: faultAtEnd(closest, body) ?? difference(closest, body) }
}

/** @returns how many characters match, counted from the start */
function sameUntil(a: string, b: string): number {
  let at = 0
  while (at < a.length && a[at] === b[at]) at += 1
  return at
}

function difference(sent: string, received: string): string {
  const at = sameUntil(sent, received)
  const around = (text: string) => JSON.stringify(text.slice(at, at + 20))
  return `The body differs from the message with this id, starting at character ${at + 1}: we sent ${around(sent)}, but you pasted ${around(received)}.`
}

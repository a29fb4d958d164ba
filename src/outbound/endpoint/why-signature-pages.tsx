import { Hono } from 'hono'
import { FORMATS } from '../../core/events/formats'
import { renderPayload } from '../../core/events/render'
import { diagnose, type Evidence, type Finding } from '../../core/signing/diagnose'
import type { HonoEnv } from '../../env'
import { readForm } from '../../http/form'
import { Dashboard } from '../../ui/dashboard'
import { renderPage } from '../../ui/render'
import { UserText } from '../../ui/user-text'
import { payloadFor } from '../http/moderation-links'
import { findMessage } from '../messages/queries'

/** `/admin/signature`: finds out why a signature does not match. Pasted text is not stored. */
export const signaturePages = new Hono<HonoEnv>()

/** Large enough for the longest message and its headers, percent-encoded. */
const MAX_PASTED_BYTES = 1024 * 1_024

interface Pasted {
  secret: string
  /** One header per line. */
  headers: string
  body: string
}

signaturePages.get('/', (c) =>
  renderPage(c, <SignaturePage pasted={{ secret: '', headers: '', body: '' }} findings={[]} />)
)

signaturePages.post('/', async (c) => {
  const form = await readForm(c, MAX_PASTED_BYTES)
  const pasted = {
    secret: form.get('secret') ?? '',
    headers: form.get('headers') ?? '',
    // Forms send every line break as CRLF, whatever was pasted.
    body: (form.get('body') ?? '').replaceAll('\r\n', '\n'),
  }
  const evidence = toEvidence(pasted)
  const findings = await diagnose(evidence, Math.floor(Date.now() / 1_000))
  const sent = await compareWithSent(c.env, evidence)
  const all = sent ? [...findings, sent] : findings
  return renderPage(c, <SignaturePage pasted={pasted} findings={all} />)
})

/** Finds the headers in text that was copied from a log, a browser, a command line or JSON. */
function toEvidence({ secret, headers, body }: Pasted): Evidence {
  const find = (name: string) => {
    const found = new RegExp(`${name}["']?\\s*[:=]\\s*["'[]*([^"'\\]\\r\\n]*)`, 'i').exec(headers)
    return found?.[1]?.trim().replace(/,$/, '') ?? ''
  }
  return {
    secret,
    body,
    id: find('webhook-id'),
    timestamp: find('webhook-timestamp'),
    signature: find('webhook-signature'),
  }
}

/** Compares the body with the message that has this id, in every format. */
async function compareWithSent(env: Env, { id, body }: Evidence): Promise<Finding | null> {
  const message = id ? await findMessage(env, id) : null
  // An erased message has no payload to compare with.
  if (!message || message.erased_at !== null) return null
  // With and without moderation links: it depends on the endpoint.
  const payloads = await Promise.all([true, false].map((links) => payloadFor(env, message, links)))
  const bodies = payloads.flatMap((payload) => FORMATS.map((format) => renderPayload(format, payload).body))
  // The owner's own text follows the message.
  const isStandard = payloads.some((payload) => body.startsWith(`${payload.slice(0, -1)},"text":"`))
  if (isStandard || bodies.includes(body))
    return { part: 'body', verdict: 'good', text: 'The body matches the message with this id.' }
  // A message for people depends on more than the event: its links, the owner's text, the chat. Those have no id in them.
  if (!body.includes(id)) return null
  const [closest = ''] = bodies.toSorted((a, b) => sameUntil(b, body) - sameUntil(a, body))
  return { part: 'body', verdict: 'bad', text: difference(closest, body) }
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

const PARTS: Record<Finding['part'], string> = {
  headers: 'Headers',
  timestamp: 'Timestamp',
  secret: 'Secret',
  signature: 'Signature',
  body: 'Body',
  result: 'Result',
}

function SignaturePage({ pasted, findings }: { pasted: Pasted; findings: Finding[] }) {
  return (
    <Dashboard title="Why doesn't my signature match?" section="/admin/keys">
      {findings.length > 0 && (
        <ul class="findings" id="findings">
          {findings.map(({ part, verdict, text }) => (
            <li class={verdict}>
              <b>
                <span aria-hidden="true">{verdict === 'good' ? '✓' : '✕'}</span> {PARTS[part]}
              </b>{' '}
              <UserText text={text} />
            </li>
          ))}
        </ul>
      )}
      <form class="card" method="post" action="/admin/signature#findings">
        <p>Paste what the receiver got. We will check each part separately, and will not store anything.</p>
        <label for="secret">Secret or public key</label>
        <input id="secret" name="secret" value={pasted.secret} autocomplete="off" spellcheck={false} />
        <label for="headers">Headers</label>
        <textarea id="headers" name="headers" rows={4} required class="code" spellcheck={false}>
          {pasted.headers}
        </textarea>
        <label for="body">Body, exactly as received</label>
        <textarea id="body" name="body" rows={8} class="code" spellcheck={false}>
          {pasted.body}
        </textarea>
        <button class="primary" type="submit">
          Check
        </button>
      </form>
    </Dashboard>
  )
}

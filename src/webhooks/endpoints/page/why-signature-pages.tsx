import { Hono } from 'hono'
import type { HonoEnv } from '../../../env'
import { Dashboard } from '../../../kit/html/dashboard'
import { Form, Submit } from '../../../kit/html/parts/form'
import { renderPage } from '../../../kit/html/render'
import { notFound } from '../../../kit/http/problem'
import { payloadFor } from '../../events'
import { FORMATS } from '../../rules/events/formats'
import { renderPayload } from '../../rules/events/render'
import { findMessage } from '../../send/messages/queries'

/** `/admin/signature`: finds out why a signature does not match, in the browser. See browser/signature/page.ts. */
export const signaturePages = new Hono<HonoEnv>()

signaturePages.get('/', (c) => renderPage(c, <SignaturePage />))

/** A message as each kind of endpoint gets it, for a comparison in the browser. */
signaturePages.get('/:id', async (c) => {
  const message = await findMessage(c.env, c.req.param('id'))
  // An erased message has no payload to compare with.
  if (!message || message.erased_at !== null) throw notFound('message')
  // With and without moderation links: it depends on the endpoint.
  const payloads = await Promise.all([true, false].map((links) => payloadFor(c.env, message, links)))
  const bodies = payloads.flatMap((payload) => FORMATS.map((format) => renderPayload(format, payload).body))
  return c.json({ bodies: [...new Set(bodies)] })
})

/** The fields have no names, and the button waits for the script: a form that is submitted would send the secret. */
function SignaturePage() {
  return (
    <Dashboard title="Why doesn't my signature match?" section="/admin/keys">
      <noscript>
        <p class="notice bad">
          This page needs JavaScript, because it checks the signature in your browser. The secret does not leave it.
        </p>
      </noscript>
      <p class="notice bad" role="alert" id="insecure" hidden>
        Open this page over HTTPS. Browsers compute signatures only on HTTPS and on localhost.
      </p>
      <Form class="card" id="check" method={null}>
        <p>Paste what the receiver got. Your browser checks each part. It does not send or store the secret.</p>
        <label for="secret">Secret or public key</label>
        <input id="secret" autocomplete="off" spellcheck={false} />
        <label for="headers">Headers</label>
        <textarea id="headers" rows={4} required class="code" autocomplete="off" spellcheck={false} />
        <label for="body">Body, exactly as received</label>
        <textarea id="body" rows={8} class="code" autocomplete="off" spellcheck={false} />
        <Submit kind="primary" id="start" disabled label="Check" />
      </Form>
      <div role="status">
        <ul class="findings" id="findings" />
      </div>
      <p id="comparison" hidden>
        <button type="button" id="compare">
          Compare the body with the message
        </button>{' '}
        <span class="hint">Sends only the ID.</span>
      </p>
      <script type="module" src="/signature.js" />
    </Dashboard>
  )
}

import { Card } from '../../kit/html/parts/card'
import { Form, Submit } from '../../kit/html/parts/form'

export interface CheckProps {
  /** What the fields contain first: a request that was sent. */
  sent: { headers: [name: string, value: string][]; body: string } | null
  /** The kind of the button. */
  kind?: 'primary'
}

/** The check on the page of an endpoint, of which it shows the last request. */
export function SignatureCard(props: CheckProps) {
  return (
    <Card id="signature" title="Check a signature">
      <SignatureCheck {...props} />
    </Card>
  )
}

/** Checks in the browser: see browser/signature/page.ts. The fields have no names, so that no form sends the secret. */
export function SignatureCheck({ sent, kind }: CheckProps) {
  const headers = sent?.headers.map(([name, value]) => `${name}: ${value}`).join('\n') ?? ''
  return (
    <>
      <noscript>
        <p class="notice bad">
          This check needs JavaScript, because it runs in your browser. The secret does not leave the browser.
        </p>
      </noscript>
      <p class="notice bad" role="alert" id="insecure" hidden>
        Open this page over HTTPS. Browsers compute signatures only on HTTPS and on localhost.
      </p>
      <Form id="check" method={null}>
        <p>
          {sent
            ? 'These are the headers and the body of the last request that we sent. Enter your secret to verify them, or replace them with what your receiver got, to see what differs.'
            : 'Paste what the receiver got.'}{' '}
          Your browser checks each part. It does not send or store the secret.
        </p>
        <label for="check-secret">Secret or public key</label>
        <input id="check-secret" autocomplete="off" spellcheck={false} />
        <label for="check-headers">Headers</label>
        <textarea id="check-headers" rows={4} required class="code" autocomplete="off" spellcheck={false}>
          {`\n${headers}`}
        </textarea>
        <label for="check-body">Body, exactly as received</label>
        <textarea id="check-body" rows={8} class="code" autocomplete="off" spellcheck={false}>
          {`\n${sent?.body ?? ''}`}
        </textarea>
        <Submit kind={kind} id="start" disabled label="Check" />
      </Form>
      <div aria-live="polite">
        <ul class="findings" id="findings" />
      </div>
      <script type="module" src="/signature.js" />
    </>
  )
}

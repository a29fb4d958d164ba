import { Help, HelpParagraph } from '../../../kit/html/help'
import { Card } from '../../../kit/html/parts/card'
import { Form, Submit } from '../../../kit/html/parts/form'

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
        <HelpParagraph of="check.scripts" class="notice bad" />
      </noscript>
      <p class="notice bad" role="alert" id="insecure" hidden>
        <Help of="check.https" />
      </p>
      <Form id="check" method={null}>
        <p>
          <Help of={sent ? 'check.sent' : 'check.paste'} /> <Help of="check.how" />
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

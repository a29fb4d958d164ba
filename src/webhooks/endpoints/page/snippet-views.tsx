import { CopyButton } from '../../../kit/html/dashboard'
import { UserBlock } from '../../../kit/html/user-text'
import { SNIPPETS } from '../../rules/signing/snippets'

/** Code to verify our signature, in the language of the receiver. It stands beside the secret. */
export function Snippets() {
  return (
    <details class="snippets">
      <summary>Code to verify the signature</summary>
      <p class="hint">
        Keep the secret in an environment variable. Or use a library for{' '}
        <a href="https://www.standardwebhooks.com/">Standard Webhooks</a>.
      </p>
      {SNIPPETS.map(({ language, code }) => (
        <details name="snippet">
          <summary>{language}</summary>
          <CopyButton text={code} label={`Copy the code for ${language}`} />
          <UserBlock text={code} />
        </details>
      ))}
    </details>
  )
}

import { CopyButton } from '../../../kit/html/dashboard'
import { UserBlock } from '../../../kit/html/user-text'
import type { Snippet } from './snippets'

/** Code to verify our signature, in the language of the receiver. It stands beside the secret. */
export function Snippets({ snippets }: { snippets: Snippet[] }) {
  return (
    <details class="snippets">
      <summary>Code to verify the signature</summary>
      <p class="hint">
        Keep the secret in an environment variable. Instead of this code, you can use a library for{' '}
        <a href="https://www.standardwebhooks.com/">Standard Webhooks</a>. The{' '}
        <a href="/webhooks/guide">guide for receivers</a> explains each step, with complete programs.
      </p>
      {snippets.map(({ language, code }) => (
        <details name="snippet">
          <summary>{language}</summary>
          <CopyButton text={code.join('\n')} label={`Copy the code for ${language}`} />
          <UserBlock text={code.join('\n')} />
        </details>
      ))}
    </details>
  )
}

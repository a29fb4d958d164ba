import { Pairs } from '../../kit/html/pairs'
import { Card } from '../../kit/html/parts/card'
import { UserBlock, UserText } from '../../kit/html/user-text'
import { spanOf } from '../../kit/lib/time'
import { CHALLENGE_MS } from '../rules/delivering/outcome'
import type { ChallengeShown } from './challenge'

/** The challenge, as it was sent, beside the response. */
export function ChallengeReport({ challenge }: { challenge: ChallengeShown }) {
  const { url, headers, body, status, response } = challenge
  return (
    <div class="columns" id="challenge-report">
      <Card title="What we sent">
        <pre>
          POST <UserText text={url} />
        </pre>
        <UserBlock text={body} />
        <details>
          <summary>{headers.length} headers</summary>
          <Pairs title="Headers" pairs={headers} />
        </details>
      </Card>
      <Card title="What came back">
        <p>
          {status === null ? (
            'No response.'
          ) : (
            <>
              Status <code>{status}</code>
            </>
          )}
        </p>
        {status !== null && (response ? <UserBlock text={response} /> : <p>The response was empty.</p>)}
      </Card>
    </div>
  )
}

/** Shown by dashboard.js while the URL is asked. @param isEdit whether only a new URL is asked */
export function WaitingForAnswer({ isEdit = false }: { isEdit?: boolean }) {
  return (
    <div class="waiting" data-waiting={isEdit ? 'changed' : ''} role="status" hidden>
      <p>
        <b>Waiting for your URL to answer the challenge. It has {spanOf(CHALLENGE_MS)}.</b>{' '}
        <span aria-hidden="true" data-seconds="" />
      </p>
      <progress max={CHALLENGE_MS / 1_000} aria-label="Seconds since the challenge was sent" />
      <p class="small">Our request (each challenge is new):</p>
      <pre>
        POST <span data-url="" />
        {'\n\n'}
        {'{"type": "endpoint.verify", "data": {"challenge": "…", "event_types": […]}, …}'}
      </pre>
    </div>
  )
}

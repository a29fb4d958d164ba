import { Secret } from '../../../kit/html/dashboard'
import { HelpParagraph } from '../../../kit/html/help'
import { Card } from '../../../kit/html/parts/card'
import { ButtonForm } from '../../../kit/html/parts/form'
import { SHOWN_ONCE_MS } from '../../../kit/http/flash'
import { spanInWords } from '../../../kit/lib/time'
import type { EndpointRow } from '../../endpoints/store'

type PullProps = { endpoint: EndpointRow; path: string; token: string | undefined; origin: string }

/** Manages the pull token, for receivers that cannot accept incoming requests. A new token is shown only once. */
export function PullCard({ endpoint, path, token, origin }: PullProps) {
  const hasToken = endpoint.pull_token_hash !== null
  const address = `${origin}/api/endpoints/${endpoint.id}/messages`
  return (
    <Card id="pull" title="Pull token">
      <HelpParagraph of="pull.what" id={endpoint.id} />
      {token && (
        <Secret text={token} label="Copy the pull token">
          Copy it now: it is shown for {spanInWords(SHOWN_ONCE_MS)}.
        </Secret>
      )}
      {token && <Secret text={`curl "${address}" -H "Authorization: Bearer ${token}"`} label="Copy the command" />}
      <ButtonForm action={path} label={hasToken ? 'Replace token' : 'Create token'}>
        {hasToken && 'A new token replaces the current one.'}
      </ButtonForm>
      {hasToken && <ButtonForm action={`${path}/revoke`} label="Revoke token" />}
    </Card>
  )
}

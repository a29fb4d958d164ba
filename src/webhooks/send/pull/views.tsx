import { Help, HelpParagraph } from '../../../kit/html/help'
import { Card } from '../../../kit/html/parts/card'
import { ButtonForm } from '../../../kit/html/parts/form'
import type { EndpointRow } from '../../endpoints/store'

/** Manages the pull token, for receivers that cannot accept incoming requests. */
export function PullCard({ endpoint, path }: { endpoint: EndpointRow; path: string }) {
  const hasToken = endpoint.pull_token_hash !== null
  return (
    <Card id="pull" title="Pull token">
      <HelpParagraph of="pull.what" id={endpoint.id} />
      <ButtonForm action={path} label={hasToken ? 'Replace token' : 'Create token'}>
        {hasToken && <Help of="pull.again" />}
      </ButtonForm>
      {hasToken && <ButtonForm action={`${path}/revoke`} label="Revoke token" />}
    </Card>
  )
}

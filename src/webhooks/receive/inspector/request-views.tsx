import { formatBytes } from '../../../kit/html/bytes'
import { CopyButton } from '../../../kit/html/dashboard'
import { ActLink } from '../../../kit/html/list'
import { Pairs } from '../../../kit/html/pairs'
import { Section } from '../../../kit/html/parts/card'
import { UserBlock, UserText } from '../../../kit/html/user-text'
import { DASHBOARD } from '../../../kit/lib/paths'
import { viewBody } from '../../../kit/lib/requests/pretty-body'
import { hasSecretQuery } from '../../rules/verifying/credentials'
import { headerOf } from '../../rules/verifying/request'
import type { LoadedInbound } from '../messages/load'
import { shownBody } from '../messages/stored-request'
import { inboundCurl, shownQuery, shownRequestHeaders } from './curl'

type RequestProps = { loaded: LoadedInbound }

const HIDDEN = '(hidden: contains a secret)'

export function RequestSection({ loaded }: RequestProps) {
  const { row, path, request, source } = loaded
  const isHidden = hasSecretQuery(source.provider.schemes)
  return (
    <Section title="Request">
      <pre>
        {row.method} <UserText text={`${path}${shownQuery(loaded, HIDDEN)}`} />
      </pre>
      {!isHidden && <Pairs title="Query" pairs={[...new URLSearchParams(request.query)]} />}
      <Pairs title="Headers" pairs={shownRequestHeaders(loaded, request.headers, HIDDEN)} />
    </Section>
  )
}

const KINDS = {
  json: 'JSON, formatted',
  form: 'form',
  xml: 'XML, formatted',
  text: 'text',
  hex: 'binary, shown as hex',
  empty: 'empty',
}

/** @param whyCut why the body is not whole, or null */
export function BodySection({ loaded, whyCut }: RequestProps & { whyCut: string | null }) {
  const { row, request } = loaded
  const view = viewBody(shownBody(loaded, HIDDEN), headerOf(request, 'content-type'))
  return (
    <Section title="Body" act={whyCut === null && row.size > 0 && <Download id={row.id} />}>
      <p class="hint">
        {formatBytes(row.size)}
        {whyCut === null ? `, ${KINDS[view.kind]}` : `. ${whyCut}`}
        {view.isCut && '. Only the beginning is shown.'}
      </p>
      {view.text && <UserBlock text={view.text} />}
      <Pairs title="Fields" pairs={view.fields} />
    </Section>
  )
}

const Download = ({ id }: { id: string }) => <ActLink href={`${DASHBOARD.requests}/${id}/body`}>Download</ActLink>

function CurlActs({ id, command }: { id: string; command: string }) {
  return (
    <span>
      <CopyButton text={command} label="Copy the command" />{' '}
      <ActLink href={`${DASHBOARD.requests}/${id}/har`}>Download as HAR</ActLink>
    </span>
  )
}

export function CurlSection({ loaded, origin }: RequestProps & { origin: string }) {
  if (loaded.whyIncomplete !== null) return null
  const command = inboundCurl(loaded, origin)
  return (
    <Section title="cURL" act={<CurlActs id={loaded.row.id} command={command} />}>
      <UserBlock text={command} />
      <p class="hint">
        This command sends the same request to the source again. A request with a known delivery ID counts as a
        duplicate, and a request with an old timestamp is rejected.
      </p>
    </Section>
  )
}

import { Dashboard, Status } from '../../kit/html/dashboard'
import { ActLink, EmptyList, ListStart, Pages } from '../../kit/html/list'
import { Card } from '../../kit/html/parts/card'
import { Input } from '../../kit/html/parts/fields'
import { Hidden, Submit } from '../../kit/html/parts/form'
import { type Column, Table } from '../../kit/html/parts/table'
import { RelativeTime } from '../../kit/html/time'
import { UserText } from '../../kit/html/user-text'
import { aSpanOf } from '../../kit/lib/time'
import { findProvider, PROVIDERS } from '../../webhooks/rules/verifying/providers'
import type { Provider, ProviderTexts } from '../../webhooks/rules/verifying/scheme'
import { CACHE_MS } from '../../webhooks/sources/cache'
import type { SourceRow } from '../../webhooks/sources/store'
import type { SourceFields } from './form'
import { SourceInputs } from './form-views'
import { ACTS } from './what-sources-do'

export const SECTION = '/admin/sources' as const

interface SourcesProps {
  sources: SourceRow[]
  next: string | null
  now: number
}

const DONE = { deleted: `Source deleted. Its URL will stop working within ${aSpanOf(CACHE_MS)}.` }

export function SourcesPage({ sources, next, now }: SourcesProps) {
  return (
    <Dashboard title="Sources" section={SECTION} notices={DONE}>
      <p>
        A source is a service that sends webhooks to this guestbook. Each webhook is stored and acknowledged
        immediately, then verified and processed.{' '}
        {sources.length > 0 && (
          <a class="button" href={`${SECTION}/new`}>
            Add source
          </a>
        )}
      </p>
      <ListStart />
      {sources.length === 0 ? (
        <EmptyList title="No sources yet." act={<ActLink href={`${SECTION}/new`}>Add source</ActLink>}>
          Add one for GitHub, Stripe, or any other service that sends webhooks. The source gets a URL of its own, and
          verifies the webhooks that arrive there. You can look at them, publish them as events, or turn them into
          entries.
        </EmptyList>
      ) : (
        <Table columns={columnsAt(now)} rows={sources} />
      )}
      <Pages next={next} />
    </Dashboard>
  )
}

function columnsAt(now: number): Column<SourceRow>[] {
  return [
    { head: 'Status', cell: ({ status }) => <Status value={status} /> },
    {
      head: 'Source',
      class: 'wide',
      cell: ({ id, name }) => (
        <a href={`${SECTION}/${id}`}>
          <UserText text={name} />
        </a>
      ),
    },
    { head: 'Provider', cell: ({ provider }) => findProvider(provider)?.name },
    { head: 'Action', cell: ({ act }) => ACTS[act].label },
    { head: 'Added', cell: ({ created_at }) => <RelativeTime at={created_at} now={now} /> },
  ]
}

export function ProvidersPage() {
  const isCustom = ({ name }: Provider) => name.startsWith('Custom')
  const named = PROVIDERS.filter((provider) => !isCustom(provider))
  return (
    <Dashboard title="Add source" section={SECTION}>
      <p>Choose the service that sends the webhooks.</p>
      <ProviderList providers={named.toSorted((a, b) => a.name.localeCompare(b.name))} />
      <h2>Other services</h2>
      <ProviderList providers={PROVIDERS.filter(isCustom)} />
    </Dashboard>
  )
}

function ProviderList({ providers }: { providers: Provider[] }) {
  return (
    <ul class="choices">
      {providers.map(({ slug, name }) => (
        <li>
          <a class="button" href={`${SECTION}/new?provider=${slug}`}>
            {name}
          </a>
        </li>
      ))}
    </ul>
  )
}

interface NewProps {
  provider: Provider
  texts: ProviderTexts
  fields: SourceFields
  error?: string | undefined
}

export function NewSourcePage({ provider, texts, fields, error }: NewProps) {
  return (
    <Dashboard title={`Add source: ${provider.name}`} section={SECTION} error={error}>
      <Card action={`${SECTION}/new`}>
        <p>
          {texts.setup} <span class="hint">You will get the webhook URL after you add the source.</span>
        </p>
        <Hidden fields={{ provider: provider.slug }} />
        <SecretInput provider={provider} where={texts.where} value={fields.secret} />
        <SourceInputs provider={provider} fields={fields} />
        <Submit kind="primary" label="Add source" />
        <a class="button" href={`${SECTION}/new`}>
          Choose another provider
        </a>
      </Card>
    </Dashboard>
  )
}

const SECRET_HINTS = {
  owner: 'We have generated this secret. Enter it there, or replace it with your own.',
  provider:
    'If the provider needs the webhook URL first, add the source without the secret and enter the secret later.',
  nobody: 'Leave this empty.',
}

function SecretInput({ provider, where, value }: { provider: Provider; where: string; value: string }) {
  const { what, by } = provider.secret
  if (provider.slug === 'unsigned') return null
  const hint = (
    <>
      {where}. {SECRET_HINTS[by]} The secret is stored encrypted.
    </>
  )
  return <Input name="secret" label={what} value={value} autocomplete="off" hint={hint} />
}

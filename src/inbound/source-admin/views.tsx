import { findProvider, PROVIDERS } from '../../core/verifying/providers'
import type { Provider } from '../../core/verifying/scheme'
import { Dashboard, Empty, NextPage, Status } from '../../ui/dashboard'
import { RelativeTime } from '../../ui/time'
import type { SourceRow } from '../sources/store'
import type { SourceFields } from './form'
import { SourceInputs } from './form-views'

const SECTION = '/admin/sources' as const

interface SourcesProps {
  sources: SourceRow[]
  next: string | null
  notice?: string | undefined
  now: number
}

const ACTS = { keep: 'keeps it', publish: 'publishes it', sign: 'signs the guestbook' }

export function SourcesPage({ sources, next, notice, now }: SourcesProps) {
  return (
    <Dashboard title="Sources" section={SECTION} notice={notice}>
      <p>
        A source is a sender that may post webhooks here. What it sends is stored and acknowledged
        at once, then verified and processed.{' '}
        <a class="button" href={`${SECTION}/new`}>
          Add a source
        </a>
      </p>
      {sources.length === 0 ? (
        <Empty>There is none yet. Add one: GitHub, Stripe, or anything that can post.</Empty>
      ) : (
        <table>
          <thead>
            <tr>
              <th>Status</th>
              <th>Source</th>
              <th>Provider</th>
              <th>What it does</th>
              <th>Added</th>
            </tr>
          </thead>
          <tbody>
            {sources.map((source) => (
              <tr>
                <td>
                  <Status value={source.status} />
                </td>
                <td class="wide">
                  <a href={`${SECTION}/${source.id}`}>{source.name}</a>
                </td>
                <td data-label="Provider">{findProvider(source.provider)?.name}</td>
                <td>{ACTS[source.act]}</td>
                <td data-label="Added">
                  <RelativeTime at={source.created_at} now={now} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <NextPage href={next && `${SECTION}?cursor=${next}`} />
    </Dashboard>
  )
}

export function ProvidersPage() {
  const named = PROVIDERS.filter(({ name }) => !name.startsWith('Custom'))
  const custom = PROVIDERS.filter(({ name }) => name.startsWith('Custom'))
  const sorted = named.toSorted((a, b) => a.name.localeCompare(b.name))
  return (
    <Dashboard title="Add a source" section={SECTION}>
      <p>Who will post webhooks here?</p>
      <ProviderList providers={sorted} />
      <h2>Something else</h2>
      <ProviderList providers={custom} />
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
  fields: SourceFields
  error?: string | undefined
}

export function NewSourcePage({ provider, fields, error }: NewProps) {
  return (
    <Dashboard title={`Add a source: ${provider.name}`} section={SECTION} error={error}>
      <form class="card" method="post" action={`${SECTION}/new`}>
        <p>
          {provider.setup} <span class="hint">The address is made when you add the source.</span>
        </p>
        <input type="hidden" name="provider" value={provider.slug} />
        <SecretInput provider={provider} value={fields.secret} />
        <SourceInputs provider={provider} fields={fields} />
        <button class="primary" type="submit">
          Add
        </button>
        <a class="button" href={`${SECTION}/new`}>
          Another provider
        </a>
      </form>
    </Dashboard>
  )
}

function SecretInput({ provider, value }: { provider: Provider; value: string }) {
  const { what, where, by } = provider.secret
  if (provider.slug === 'unsigned') return null
  return (
    <>
      <label for="secret">{what}</label>
      <input id="secret" name="secret" value={value} maxlength={5_000} autocomplete="off" />
      <p class="hint">
        {where}.{' '}
        {by === 'owner' && 'This one was just made up: enter it there, or write yours over it. '}
        {by === 'provider' && 'If the provider wants the address first, enter it later. '}
        {by === 'nobody' && 'Leave it empty. '}
        Kept encrypted.
      </p>
    </>
  )
}

import { Dashboard } from '../../kit/html/dashboard'
import { ActLink } from '../../kit/html/list'
import { Card, Section } from '../../kit/html/parts/card'
import { Input } from '../../kit/html/parts/fields'
import { Form, Hidden, Submit } from '../../kit/html/parts/form'
import { DASHBOARD } from '../../kit/lib/paths'
import { CATEGORIES } from '../rules/verifying/providers/index'
import type { Provider, ProviderTexts } from '../rules/verifying/scheme'
import { type InputsProps, SourceInputs } from './form-views'
import { Logo, SetupSteps } from './provider-views'
import { wordFor } from './secret-views'

type Texts = Readonly<Record<string, ProviderTexts>>
type Category = (typeof CATEGORIES)[number]

/** @returns the providers that match every word of the query */
export function findProviders(query: string, texts: Texts): Provider[] {
  const words = query.toLowerCase().split(/\s+/)
  return CATEGORIES.flatMap((category) =>
    category.providers.filter((one) => words.every((word) => searched(one, category, texts).includes(word)))
  )
}

/** The words that a search finds a provider by, here and in dashboard.js. */
function searched({ slug, name }: Provider, category: Category, texts: Texts): string {
  return `${name} ${slug} ${texts[slug]?.also ?? ''} ${category.name}`.toLowerCase()
}

export function ProvidersPage({ query, texts, found }: { query: string; texts: Texts; found: Provider[] }) {
  const matches = new Set(found)
  return (
    <Dashboard title="Add source" section={DASHBOARD.sources}>
      <Form method="get" class="inline search" action={`${DASHBOARD.sources}/new`}>
        <Input
          type="search"
          id="q"
          name="q"
          label="Which service sends the webhooks?"
          value={query}
          data-finds=""
          autofocus
        />
        <Submit label="Search" />
      </Form>
      <nav class="filter" aria-label="Categories">
        {CATEGORIES.map(({ id, name }) => (
          <a href={`${DASHBOARD.sources}/new#${id}`}>{name}</a>
        ))}
      </nav>
      <div role="status">
        <p class="empty" data-none="" hidden={matches.size > 0}>
          No service matches. Most other services sign the body with a secret: choose{' '}
          <a href={`${DASHBOARD.sources}/new?provider=custom-hmac`}>Custom: HMAC</a>. Or see{' '}
          <a href={`${DASHBOARD.sources}/new#custom`}>the other verification methods</a>.
        </p>
      </div>
      {CATEGORIES.map((category) => (
        <CategorySection {...{ category, matches, texts }} />
      ))}
    </Dashboard>
  )
}

interface CategoryProps {
  category: Category
  /** The others are hidden, so that dashboard.js can show them for another query. */
  matches: Set<Provider>
  texts: Texts
}

function CategorySection({ category, matches, texts }: CategoryProps) {
  const { id, name, providers } = category
  return (
    <Section id={id} title={name} hidden={!providers.some((one) => matches.has(one))}>
      <ul class="choices">
        {providers.map((provider) => (
          <li data-find={searched(provider, category, texts)} hidden={!matches.has(provider)}>
            <Choice provider={provider} also={texts[provider.slug]?.also} />
          </li>
        ))}
      </ul>
    </Section>
  )
}

function Choice({ provider: { slug, name }, also }: { provider: Provider; also: string | undefined }) {
  return (
    <a class="choice" href={`${DASHBOARD.sources}/new?provider=${slug}`}>
      <Logo name={name} />{' '}
      <span>
        {name.replace(/^Custom: (.)/, (_, first: string) => first.toUpperCase())}
        {also && <span class="small">, also for {also}</span>}
      </span>
    </a>
  )
}

type NewProps = InputsProps & { texts: ProviderTexts; error?: string | undefined }

/** The first step, by who makes the secret. @param word what the provider calls it */
const FIRST: Record<Provider['secret']['by'] | 'late', (word: string) => string> = {
  owner: (word) => `Add the source. We have generated its ${word}, which the provider needs.`,
  provider: (word) => `Enter the ${word} in the form, and add the source.`,
  late: (word) =>
    `Add the source without the ${word}. A later step says where to copy it, so that you can enter it on the page of the source.`,
  nobody: () => 'Add the source.',
}

/** The form, beside the steps in the settings of the provider. On a phone, the steps come first. */
export function NewSourcePage({ provider, texts, form, books, error }: NewProps) {
  const crumbs = [{ href: `${DASHBOARD.sources}/new`, label: 'Add source' }]
  return (
    <Dashboard title={provider.name} section={DASHBOARD.sources} crumbs={crumbs} error={error}>
      <div class="beside">
        <Card
          title={
            <>
              <Logo name={provider.name} /> Steps
            </>
          }
        >
          <SetupSteps {...{ provider, texts }}>
            <li>
              {FIRST[texts.isLate ? 'late' : provider.secret.by](wordFor(texts))} The next page shows its webhook URL,
              which the steps below call "this URL".
            </li>
          </SetupSteps>
        </Card>
        <Card action={`${DASHBOARD.sources}/new`}>
          <Hidden fields={{ provider: provider.slug }} />
          <SecretInput provider={provider} texts={texts} value={form.get('secret') ?? ''} />
          <SourceInputs {...{ provider, form, books }} />
          <Submit kind="primary" label="Add source" />
          <ActLink href={`${DASHBOARD.sources}/new`}>Choose another service</ActLink>
        </Card>
      </div>
    </Dashboard>
  )
}

const SECRET_HINTS: Record<Provider['secret']['by'], string> = {
  owner: 'We have generated it. Enter it there, or replace it with your own. It is stored encrypted.',
  provider: 'You can also enter it after you have added the source. It is stored encrypted.',
  nobody: 'Leave this empty.',
}

function SecretInput({ provider, texts, value }: { provider: Provider; texts: ProviderTexts; value: string }) {
  if (provider.slug === 'unsigned') return null
  const hint = (
    <>
      {texts.where}. {SECRET_HINTS[provider.secret.by]}
    </>
  )
  return <Input name="secret" label={texts.secret} value={value} autocomplete="off" hint={hint} />
}

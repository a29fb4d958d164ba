import type { Child } from '#jsx'
import { Dashboard } from '../../kit/html/dashboard'
import { ActLink } from '../../kit/html/list'
import { Card } from '../../kit/html/parts/card'
import { Fold, Hidden, Submit } from '../../kit/html/parts/form'
import { DASHBOARD } from '../../kit/lib/paths'
import { endpointName } from '../rules/delivering/built-in-receiver'
import type { FormatDefinition } from '../rules/events/formats/format'
import { ENDPOINT_GROUPS } from './fields'
import { newEndpointForm } from './form'
import { type EndpointChoices, OfFormats, Offered } from './inputs'
import { PreviewButton, type Previewed, PreviewTable } from './preview'
import type { EndpointRow } from './store'

interface FormProps extends EndpointChoices {
  /** Without one, the form is for a new endpoint. */
  endpoint: EndpointRow | undefined
  /** What its inputs contain. */
  form: URLSearchParams
  preview: Previewed[] | undefined
}

export function EndpointFormPage({ endpoint, form, preview, ...choices }: FormProps) {
  const path = endpoint ? `${DASHBOARD.endpoints}/${endpoint.id}` : DASHBOARD.endpoints
  const crumbs = endpoint && [{ href: path, label: endpointName(endpoint) }]
  return (
    <Dashboard title={endpoint ? 'Edit endpoint' : 'New endpoint'} section={DASHBOARD.endpoints} crumbs={crumbs}>
      <Card action={path}>
        <Offered.Provider value={choices}>
          <EndpointInputs form={form} />
        </Offered.Provider>
        <Hidden fields={{ seen: form.get('seen') ?? '' }} />
        <Submit kind="primary" label={endpoint ? 'Save' : 'Register'} />
        <PreviewButton path={path} />
        {endpoint && <ActLink href={`${path}?tab=settings`}>Cancel</ActLink>}
      </Card>
      {preview && <PreviewTable events={preview} />}
    </Dashboard>
  )
}

/** Collapsed sections contain the rarely used fields. */
function EndpointInputs({ form }: { form: URLSearchParams }) {
  const { about, more, wording, digest, notes } = ENDPOINT_GROUPS
  return (
    <>
      <Inputs fields={about} form={form} />
      <InputsFold summary="More: books, headers, rate limit…" fields={more} form={form} />
      <InputsFold summary="Condition and your own texts…" fields={wording} form={form} />
      <InputsFold summary="Daily digest…" fields={digest} form={form} />
      <Inputs fields={notes} form={form} />
    </>
  )
}

interface InputsProps {
  fields: Record<string, ShownField>
  form: URLSearchParams
}

interface ShownField {
  isOf?: (format: FormatDefinition) => boolean
  initial: unknown
  control: {
    fill: (value: never, name: string) => object
    show: (form: URLSearchParams, name: string) => Child
  }
}

function Inputs({ fields, form }: InputsProps): Child {
  return Object.entries(fields).map(([name, { isOf, control }]) => {
    const inputs = control.show(form, name)
    return isOf ? <OfFormats has={isOf}>{inputs}</OfFormats> : inputs
  })
}

/** It is open if a field has another value than in a new endpoint. It is hidden if the format has none of its fields. */
function InputsFold({ summary, ...inputs }: InputsProps & { summary: string }) {
  const fold = (
    <Fold summary={summary} open={isFilled(inputs)}>
      <Inputs {...inputs} />
    </Fold>
  )
  const rows = Object.values(inputs.fields)
  if (!rows.every(({ isOf }) => isOf)) return fold
  return <OfFormats has={(format) => rows.some(({ isOf }) => isOf?.(format))}>{fold}</OfFormats>
}

function isFilled({ fields, form }: InputsProps): boolean {
  const unfilled = newEndpointForm()
  const inputs = Object.entries(fields).map(([name, { control, initial }]) => control.fill(initial as never, name))
  const names = inputs.flatMap(Object.keys)
  return names.some((name) => form.getAll(name).join(' ') !== unfilled.getAll(name).join(' '))
}

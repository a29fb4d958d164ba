import type { PropsWithChildren } from '#jsx'
import { type BookRow, MAIN_BOOK } from '../../guestbook/books/book'
import { Check, Input, Select, TextArea } from '../../kit/html/parts/fields'
import { Fold } from '../../kit/html/parts/form'
import { isolated } from '../../kit/lib/text/bidi'
import { TEMPLATE_MAX } from '../../webhooks/rules/templates/template'
import { type Provider, proofOf } from '../../webhooks/rules/verifying/scheme'
import { MAX_DAILY_QUOTA_MB, MAX_RETENTION_DAYS } from '../../webhooks/sources/schemas'
import type { SourceFields } from './form'
import { needsOptions, OPTION_LABELS, type OptionInput, optionInputs } from './option-inputs'
import { ACTS } from './what-sources-do'

export type InputsProps = { provider: Provider; fields: SourceFields; books: BookRow[] }

/** The inputs that the forms for new and existing sources share. The children stand beside the template. */
export function SourceInputs({ provider, fields, books, children }: PropsWithChildren<InputsProps>) {
  return (
    <>
      <Input name="name" label="Name" required counted={100} value={fields.name} />
      <fieldset>
        <legend>When a request arrives</legend>
        {(Object.keys(ACTS) as (keyof typeof ACTS)[]).map((act) => (
          <Check
            type="radio"
            name="act"
            value={act}
            checked={fields.act === act}
            label={
              <>
                {ACTS[act].label}. <span class="hint">{ACTS[act].hint}</span>
              </>
            }
          />
        ))}
      </fieldset>
      <div class="template columns">
        <TemplateInputs fields={fields} books={books} />
        {children}
      </div>
      <SignatureInputs provider={provider} fields={fields} />
      <RetentionInputs fields={fields} />
    </>
  )
}

/** @returns the name of a field, and what was entered */
const named = (fields: SourceFields, name: keyof SourceFields) => ({ name, value: fields[name] })

function TemplateInputs({ fields, books }: Pick<InputsProps, 'fields' | 'books'>) {
  const text = (name: keyof SourceFields) => ({ ...named(fields, name), maxlength: TEMPLATE_MAX })
  const chosen = fields.template_book || MAIN_BOOK
  // A book that has been deleted is offered by its slug.
  const choices = new Map([[chosen, chosen], ...books.map(({ slug, title }) => [slug, isolated(title)] as const)])
  return (
    <fieldset>
      <legend>Entry template</legend>
      <p class="hint">
        <code>{'{{sender.login}}'}</code> inserts a value from the body. <code>{'{{$event_type}}'}</code>,{' '}
        <code>{'{{$source}}'}</code> and <code>{'{{$header.x-name}}'}</code> insert details about the request. Filters:{' '}
        <code>{'{{name | default: "somebody" | truncate: 40}}'}</code>. Conditions:{' '}
        <code>{'{{#if public}}…{{else}}…{{/if}}'}</code>.
      </p>
      <Input {...text('template_name')} label="Name" placeholder="{{user.name}}" />
      <TextArea {...text('template_body')} label="Text" rows={3} class="code" />
      <Input {...text('template_website')} label="Website" placeholder="{{user.url}}" />
      <TextArea
        {...text('template_when')}
        label="Only if"
        rows={2}
        class="code"
        placeholder={'$event_type == "star" and action == "created"'}
      />
      {choices.size > 1 && <Select name="template_book" label="Book" choices={[...choices]} value={chosen} />}
    </fieldset>
  )
}

const PROOFS = { signature: 'Signature', token: 'Token', password: 'Password' }

function SignatureInputs({ provider, fields }: Omit<InputsProps, 'books'>) {
  const proof = proofOf(provider)
  return (
    <Fold summary={`${PROOFS[proof]}, event type and delivery ID`} open={needsOptions(provider)}>
      {optionInputs(provider).map((input) => (
        <Option input={input} fields={fields} />
      ))}
      {provider.slug !== 'unsigned' && (
        <Check
          name="strict"
          checked={fields.strict === 'on'}
          label={<>Strict: respond with 401 if the {proof} is invalid. The request is stored anyway.</>}
        />
      )}
    </Fold>
  )
}

function Option({
  input: { choices, isExact, ...input },
  fields,
}: Pick<InputsProps, 'fields'> & { input: OptionInput }) {
  const { name, label = OPTION_LABELS[name], placeholder } = input
  const field = { ...named(fields, name), label, path: `options.${name}` }
  if (isExact) return <TextArea {...field} rows={2} placeholder={placeholder} class="code" />
  if (!choices) return <Input {...field} placeholder={placeholder} />
  return <Select {...field} choices={[['', placeholder], ...choices.map((choice) => [choice, choice] as const)]} />
}

function RetentionInputs({ fields }: Pick<InputsProps, 'fields'>) {
  const megabytes = { type: 'number', min: 0, max: MAX_DAILY_QUOTA_MB, required: true }
  const days = { type: 'number', min: 1, max: MAX_RETENTION_DAYS }
  return (
    <Fold summary="Search and retention">
      <TextArea
        {...named(fields, 'fields')}
        label="Search fields (up to 5), one name and path per line"
        placeholder="repository: repository.full_name"
        rows={3}
        class="code"
      />
      <Input {...named(fields, 'retention_days')} {...days} label="Days to keep requests" required />
      <Input {...named(fields, 'body_retention_days')} {...days} label="Days to keep bodies, if fewer" />
      <Input {...named(fields, 'daily_quota_mb')} {...megabytes} label="Megabytes to store per day; 0 for no limit" />
    </Fold>
  )
}

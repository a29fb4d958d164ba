import type { PropsWithChildren } from '#jsx'
import { TEMPLATE_MAX } from '../../webhooks/rules/templates/template'
import type { Provider } from '../../webhooks/rules/verifying/scheme'
import { MAX_DAILY_QUOTA_MB, MAX_RETENTION_DAYS } from '../../webhooks/sources/schemas'
import { ACTS } from './acts'
import type { SourceFields } from './form'
import { needsOptions, type OptionInput, optionInputs } from './option-inputs'

interface InputsProps {
  provider: Provider
  fields: SourceFields
}

/** The inputs that the forms for new and existing sources share. The children stand beside the template. */
export function SourceInputs({ provider, fields, children }: PropsWithChildren<InputsProps>) {
  return (
    <>
      <label for="name">Name</label>
      <input id="name" name="name" required maxlength={100} value={fields.name} />
      <fieldset>
        <legend>When a message arrives</legend>
        {Object.entries(ACTS).map(([act, { label, hint }]) => (
          <label class="check">
            <input type="radio" name="act" value={act} checked={fields.act === act} /> {label}.{' '}
            <span class="hint">{hint}</span>
          </label>
        ))}
      </fieldset>
      <div class="template columns">
        <TemplateInputs fields={fields} />
        {children}
      </div>
      <SignatureInputs provider={provider} fields={fields} />
      <RetentionInputs fields={fields} />
    </>
  )
}

function TemplateInputs({ fields }: Pick<InputsProps, 'fields'>) {
  const text = { fields, maxlength: TEMPLATE_MAX }
  return (
    <fieldset>
      <legend>Entry template</legend>
      <p class="hint">
        <code>{'{{sender.login}}'}</code> inserts a value from the body. <code>{'{{$event_type}}'}</code>,{' '}
        <code>{'{{$source}}'}</code> and <code>{'{{$header.x-name}}'}</code> insert details about the message. Filters:{' '}
        <code>{'{{name | default: "somebody" | truncate: 40}}'}</code>. Conditions:{' '}
        <code>{'{{#if public}}…{{else}}…{{/if}}'}</code>.
      </p>
      <Line {...text} name="template_name" label="Name" placeholder="{{user.name}}" />
      <Lines {...text} name="template_body" label="Text" />
      <Line {...text} name="template_website" label="Website" placeholder="{{user.url}}" />
      <Line
        {...text}
        name="template_when"
        label="Only if"
        placeholder={'$event_type == "star" and action == "created"'}
      />
      <Line fields={fields} maxlength={100} name="template_book" label="Slug of the book" placeholder="main" />
    </fieldset>
  )
}

function SignatureInputs({ provider, fields }: InputsProps) {
  return (
    <details open={needsOptions(provider)}>
      <summary>Signature, event type and delivery ID</summary>
      {optionInputs(provider).map((input) => (
        <Option input={input} fields={fields} />
      ))}
      {provider.slug !== 'unsigned' && (
        <label class="check">
          <input type="checkbox" name="strict" checked={fields.strict === 'on'} /> Strict: respond with 401 if the
          signature is invalid. The message is stored anyway.
        </label>
      )}
    </details>
  )
}

function Option({ input: { choices, ...input }, fields }: Pick<InputsProps, 'fields'> & { input: OptionInput }) {
  if (!choices) return <Line {...input} fields={fields} />
  const { name, label, placeholder } = input
  return (
    <>
      <label for={name}>{label}</label>
      <select id={name} name={name}>
        <option value="">{placeholder}</option>
        {choices.map((choice) => (
          <option selected={choice === fields[name]}>{choice}</option>
        ))}
      </select>
    </>
  )
}

function RetentionInputs({ fields }: Pick<InputsProps, 'fields'>) {
  const megabytes = { fields, type: 'number', min: 0, max: MAX_DAILY_QUOTA_MB }
  const days = { fields, type: 'number', min: 1, max: MAX_RETENTION_DAYS }
  return (
    <details>
      <summary>Search and retention</summary>
      <Lines
        fields={fields}
        name="fields"
        label="Search fields (up to 5), one name and path per line"
        placeholder="repository: repository.full_name"
      />
      <Line {...days} name="retention_days" label="Days to keep messages" required />
      <Line {...days} name="body_retention_days" label="Days to keep bodies, if fewer" />
      <Line {...megabytes} name="daily_quota_mb" label="Megabytes to store per day; 0 for no limit" required />
    </details>
  )
}

interface InputProps {
  fields: SourceFields
  name: keyof SourceFields
  label: string
  placeholder?: string
  maxlength?: number
}

function Line(props: InputProps & { type?: string; min?: number; max?: number; required?: boolean }) {
  const { fields, label, ...input } = props
  return (
    <>
      <label for={input.name}>{label}</label>
      <input id={input.name} value={fields[input.name]} {...input} />
    </>
  )
}

function Lines({ fields, label, ...input }: InputProps) {
  return (
    <>
      <label for={input.name}>{label}</label>
      <textarea id={input.name} {...input} rows={3} class="code">
        {fields[input.name]}
      </textarea>
    </>
  )
}

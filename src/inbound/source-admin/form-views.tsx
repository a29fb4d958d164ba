import type { PropsWithChildren } from 'hono/jsx'
import { TEMPLATE_MAX } from '../../core/guestbook/template'
import type { Provider } from '../../core/verifying/scheme'
import { ACTS } from './acts'
import type { SourceFields } from './form'
import { needsOptions, type OptionInput, optionInputs } from './option-inputs'

interface InputsProps {
  provider: Provider
  fields: SourceFields
}

/** The inputs that the forms of new and existing sources share. */
export function SourceInputs({ provider, fields }: InputsProps) {
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
      <TemplateInputs fields={fields} />
      <SignatureInputs provider={provider} fields={fields} />
      <RetentionInputs fields={fields} />
    </>
  )
}

function TemplateInputs({ fields }: { fields: SourceFields }) {
  return (
    <details open={fields.act === 'sign' || fields.template_body !== ''}>
      <summary>Entry template</summary>
      <p class="hint">
        <code>{'{{sender.login}}'}</code> inserts a value from the body. <code>{'{{$event_type}}'}</code>,{' '}
        <code>{'{{$source}}'}</code> and <code>{'{{$header.x-name}}'}</code> insert details of the message. Filters:{' '}
        <code>{'{{name | default: "somebody" | truncate: 40}}'}</code>. Conditions:{' '}
        <code>{'{{#if public}}…{{else}}…{{/if}}'}</code>.
      </p>
      <Line
        name="template_name"
        label="Name"
        value={fields.template_name}
        placeholder="{{user.name}}"
        maxlength={TEMPLATE_MAX}
      />
      <Lines name="template_body" label="Text" maxlength={TEMPLATE_MAX}>
        {fields.template_body}
      </Lines>
      <Line
        name="template_website"
        label="Website"
        value={fields.template_website}
        placeholder="{{user.url}}"
        maxlength={TEMPLATE_MAX}
      />
      <Line
        name="template_when"
        label="Only if"
        value={fields.template_when}
        placeholder={'$event_type == "star" and action == "created"'}
        maxlength={TEMPLATE_MAX}
      />
    </details>
  )
}

function SignatureInputs({ provider, fields }: InputsProps) {
  return (
    <details open={needsOptions(provider)}>
      <summary>Signature, event type and delivery ID</summary>
      {optionInputs(provider).map((input) => (
        <Option input={input} value={fields[input.name]} />
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

function Option({ input, value }: { input: OptionInput; value: string }) {
  const { name, label, placeholder, choices } = input
  if (!choices) return <Line {...{ name, label, value, placeholder }} maxlength={2_000} />
  return (
    <>
      <label for={name}>{label}</label>
      <select id={name} name={name}>
        <option value="">{placeholder}</option>
        {choices.map((choice) => (
          <option selected={choice === value}>{choice}</option>
        ))}
      </select>
    </>
  )
}

function RetentionInputs({ fields }: { fields: SourceFields }) {
  return (
    <details>
      <summary>Search and retention</summary>
      <Lines
        name="fields"
        label="Search fields (up to 5), one name and path per line"
        placeholder="repository: repository.full_name"
      >
        {fields.fields}
      </Lines>
      <Days name="retention_days" label="Days to keep messages" value={fields.retention_days} required />
      <Days name="body_retention_days" label="Days to keep bodies, if fewer" value={fields.body_retention_days} />
    </details>
  )
}

interface InputProps {
  name: keyof SourceFields
  label: string
  placeholder?: string
  maxlength?: number
}

function Line({ label, ...input }: InputProps & { value: string }) {
  return (
    <>
      <label for={input.name}>{label}</label>
      <input id={input.name} {...input} />
    </>
  )
}

function Lines({ label, children, ...input }: PropsWithChildren<InputProps>) {
  return (
    <>
      <label for={input.name}>{label}</label>
      <textarea id={input.name} {...input} rows={3} class="code">
        {children}
      </textarea>
    </>
  )
}

function Days({ label, ...input }: InputProps & { value: string; required?: boolean }) {
  return (
    <>
      <label for={input.name}>{label}</label>
      <input id={input.name} {...input} type="number" min={1} max={3650} />
    </>
  )
}

import { TEMPLATE_MAX } from '../../core/guestbook/template'
import type { Provider } from '../../core/verifying/scheme'
import { needsOptions, optionInputs, type SourceFields } from './form'

const ACTS = [
  ['keep', 'Keep it: for you to look at'],
  ['publish', 'Publish it: as inbound.received, to the endpoints that ask for it'],
  ['sign', 'Sign the guestbook with it, by the template below'],
] as const

/** What the form of a new source and of one that is there have in common. */
export function SourceInputs({ provider, fields }: { provider: Provider; fields: SourceFields }) {
  return (
    <>
      <label for="name">Name</label>
      <input id="name" name="name" required maxlength={100} value={fields.name} />
      <fieldset>
        <legend>When a message comes in</legend>
        {ACTS.map(([act, label]) => (
          <label class="check">
            <input type="radio" name="act" value={act} checked={fields.act === act} /> {label}
          </label>
        ))}
      </fieldset>
      <TemplateInputs fields={fields} />
      <MoreInputs provider={provider} fields={fields} />
    </>
  )
}

function TemplateInputs({ fields }: { fields: SourceFields }) {
  const isOpen = fields.act === 'sign' || fields.template_body !== ''
  return (
    <details open={isOpen}>
      <summary>Template of the entry</summary>
      <p class="hint">
        <code>{'{{sender.login}}'}</code> is a path into the body; <code>{'$event_type'}</code>,{' '}
        <code>{'$source'}</code>, <code>{'$header.x-name'}</code> are known beside it. Filters:{' '}
        <code>{'{{name | default: "somebody" | truncate: 40}}'}</code>. Conditions:{' '}
        <code>{'{{#if public}}…{{else}}…{{/if}}'}</code>.
      </p>
      <Line name="template_name" label="Name" fields={fields} example="{{user.name}}" />
      <label for="template_body">Text</label>
      <textarea
        id="template_body"
        name="template_body"
        rows={3}
        maxlength={TEMPLATE_MAX}
        class="code"
      >
        {fields.template_body}
      </textarea>
      <Line name="template_website" label="Website" fields={fields} example="{{user.url}}" />
      <Line
        name="template_when"
        label="Only when"
        fields={fields}
        example={'$event_type == "star" and action == "created"'}
      />
    </details>
  )
}

function Line(props: {
  name: keyof SourceFields
  label: string
  fields: SourceFields
  example: string
}) {
  const { name, label, fields, example } = props
  return (
    <>
      <label for={name}>{label}</label>
      <input
        id={name}
        name={name}
        value={fields[name]}
        placeholder={example}
        maxlength={TEMPLATE_MAX}
      />
    </>
  )
}

function MoreInputs({ provider, fields }: { provider: Provider; fields: SourceFields }) {
  const inputs = optionInputs(provider)
  return (
    <>
      <details open={needsOptions(provider)}>
        <summary>How it signs, and where type and id are</summary>
        {inputs.map(({ name, label, placeholder, choices }) => (
          <>
            <label for={name}>{label}</label>
            {choices ? (
              <select id={name} name={name}>
                <option value="">{placeholder}</option>
                {choices.map((choice) => (
                  <option selected={choice === fields[name]}>{choice}</option>
                ))}
              </select>
            ) : (
              <input
                id={name}
                name={name}
                value={fields[name]}
                placeholder={placeholder}
                maxlength={2_000}
              />
            )}
          </>
        ))}
        {provider.slug !== 'unsigned' && (
          <label class="check">
            <input type="checkbox" name="strict" checked={fields.strict === 'on'} /> Strict: answer
            401 at once when the signature does not fit
          </label>
        )}
      </details>
      <details>
        <summary>Search and retention</summary>
        <label for="fields">Search fields, up to 5: a name and a path a line</label>
        <textarea
          id="fields"
          name="fields"
          rows={3}
          class="code"
          placeholder="repository: repository.full_name"
        >
          {fields.fields}
        </textarea>
        <label for="retention_days">Days that a message is kept</label>
        <input
          id="retention_days"
          name="retention_days"
          type="number"
          min={1}
          max={3650}
          required
          value={fields.retention_days}
        />
        <label for="body_retention_days">Days that its body is kept, if fewer</label>
        <input
          id="body_retention_days"
          name="body_retention_days"
          type="number"
          min={1}
          max={3650}
          value={fields.body_retention_days}
        />
      </details>
    </>
  )
}

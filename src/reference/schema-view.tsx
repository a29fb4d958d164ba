import type { Child } from 'hono/jsx'
import { linkTo, schemaAnchor } from './anchors'
import { flat } from './examples'
import { Prose } from './prose'
import { type Document, nameOf, type Schema } from './read-document'

interface FieldsProps {
  document: Document
  schema: Schema
}

/** The fields of an object, as a list. A field that is an object has a list of its own fields. */
export function Fields({ document, schema }: FieldsProps) {
  const { properties = {}, required = [] } = flat(document, schema)
  const entries = Object.entries(properties)
  if (entries.length === 0) return null
  return (
    <ul class="fields">
      {entries.map(([name, one]) => (
        <Field document={document} name={name} schema={one} isRequired={required.includes(name)} />
      ))}
    </ul>
  )
}

interface FieldProps extends FieldsProps {
  name: string
  isRequired: boolean
  description?: string | undefined
}

/** A field or a parameter: its name and type, its limits, and what it means. */
export function Field({ document, name, schema, isRequired, description = schema.description }: FieldProps) {
  const notes = limitsOf(schema)
  return (
    <li>
      <div class="name">
        <code>{name}</code> <TypeOf schema={schema} />
        {isRequired && <b class="required">required</b>}
      </div>
      <div class="meaning">
        {description && (
          <p>
            <Prose text={description} />
          </p>
        )}
        {notes.map((note) => (
          <p class="small">{note}</p>
        ))}
        {partsOf(schema).map((part) => (
          <Fields document={document} schema={part} />
        ))}
      </div>
    </li>
  )
}

/** The schemas inside another one that have fields of their own. */
function partsOf({ properties, items, additionalProperties, anyOf = [], oneOf = [], allOf, ...rest }: Schema): Schema[] {
  if (properties || allOf) return [{ ...rest, ...(properties && { properties }), ...(allOf && { allOf }) }]
  const others = typeof additionalProperties === 'object' ? [additionalProperties] : []
  return [...(items ? [items] : []), ...others, ...anyOf, ...oneOf].flatMap(partsOf)
}

/** The type in words, such as "array of string or null". Named schemas are links. */
export function TypeOf({ schema }: { schema: Schema }) {
  return <span class="kind">{typeWords(schema)}</span>
}

function typeWords(schema: Schema): Child {
  const name = nameOf(schema)
  if (name !== null) return <a href={linkTo(schemaAnchor(name))}>{name}</a>
  const choices = schema.anyOf ?? schema.oneOf
  if (choices) return choices.map((one, i) => [i > 0 && ' or ', typeWords(one)])
  const named = schema.allOf?.find((one) => nameOf(one) !== null)
  if (named) return [typeWords(named), [schema.type ?? []].flat().includes('null') && ' or null']
  const types = [schema.type ?? []].flat()
  if (schema.items) return ['array of ', typeWords(schema.items), types.includes('null') && ' or null']
  if (types.length > 0) return types.join(' or ')
  return schema.const === undefined ? 'any' : typeof schema.const
}

/** What values are allowed, in words. */
function limitsOf(schema: Schema): Child[] {
  const { enum: values, const: constant, default: initial, pattern } = schema
  return [
    values && ['One of ', list(values)],
    constant !== undefined && ['Always ', list([constant])],
    rangeOf(schema),
    schema.items && rangeOf(schema.items) && ['Each: ', rangeOf(schema.items)],
    schema.items?.enum && ['Each is one of ', list(schema.items.enum)],
    pattern && ['Pattern: ', <code>{pattern}</code>],
    initial !== undefined && ['Default: ', list([initial])],
  ].filter(Boolean)
}

function list(values: unknown[]): Child[] {
  return values.map((value, i) => [i > 0 && ', ', <code>{JSON.stringify(value)}</code>])
}

function rangeOf(schema: Schema): string | null {
  const { minimum, maximum, minLength, maxLength, minItems, maxItems } = schema
  return between(minimum, maximum, '') ?? between(minLength, maxLength, ' characters') ?? between(minItems, maxItems, ' items')
}

function between(min: number | undefined, max: number | undefined, unit: string): string | null {
  const word = (count: number) => `${count.toLocaleString('en')}${count === 1 ? unit.replace(/s$/, '') : unit}`
  if (min !== undefined && max !== undefined) return `${min.toLocaleString('en')} to ${word(max)}`
  if (max !== undefined) return `At most ${word(max)}`
  return min === undefined ? null : `At least ${word(min)}`
}

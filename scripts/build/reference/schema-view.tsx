import type { Child } from '#jsx'
import { schemaLink } from './anchors'
import { flat } from './examples'
import { Prose } from './prose'
import { type Document, nameOf, type Schema } from './read-document'

interface FieldsProps {
  document: Document
  schema: Schema
  /** Whether a guestbook sends this. Then a reader wants to know what can be missing, not what is required. */
  isSent?: boolean
}

/** The fields of an object, as a list. A field that is an object has a list of its own fields. */
export function Fields({ document, schema, isSent = false }: FieldsProps) {
  const { properties = {}, required = [] } = flat(document, schema)
  const entries = Object.entries(properties)
  if (entries.length === 0) return null
  return (
    <ul class="fields">
      {entries.map(([name, one]) => (
        <Field {...{ document, name, isSent }} schema={one} isRequired={required.includes(name)} />
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
export function Field(props: FieldProps) {
  const { document, name, schema, isRequired, isSent = false, description = schema.description } = props
  const notes = limitsOf(schema)
  return (
    <li>
      <div class="name">
        <code>{name}</code> <TypeOf document={document} schema={schema} />
        {isRequired && !isSent && <b class="required">required</b>}
        {!isRequired && isSent && <span class="kind">, optional</span>}
      </div>
      <div class="meaning">
        {description && (
          <p>
            <Prose text={description} />
          </p>
        )}
        {notes.length > 0 && <p class="small">{notes.map((note, i) => [i > 0 && ' · ', note])}</p>}
        {partsOf(schema).map((part) => (
          <Fields {...{ document, isSent }} schema={part} />
        ))}
      </div>
    </li>
  )
}

/** The schemas inside another one that have fields of their own. */
function partsOf({
  properties,
  items,
  additionalProperties,
  anyOf = [],
  oneOf = [],
  allOf,
  ...rest
}: Schema): Schema[] {
  if (properties || allOf) return [{ ...rest, ...(properties && { properties }), ...(allOf && { allOf }) }]
  const others = typeof additionalProperties === 'object' ? [additionalProperties] : []
  return [...(items ? [items] : []), ...others, ...anyOf, ...oneOf].flatMap(partsOf)
}

/** The type in words, such as "array of string or null". Named schemas are links. */
export function TypeOf({ document, schema }: FieldsProps) {
  return <span class="kind">{typeWords(document, schema)}</span>
}

function typeWords(document: Document, schema: Schema): Child {
  const name = nameOf(schema)
  if (name !== null && hasSection(document, name)) return <a href={schemaLink(name)}>{name}</a>
  const item = name === null ? null : itemOf(document, name)
  if (item) return ['page of ', typeWords(document, item)]
  if (name !== null) return name
  const choices = schema.anyOf ?? schema.oneOf
  if (choices) return choices.map((one, i) => [i > 0 && ' or ', typeWords(document, one)])
  const named = schema.allOf?.find((one) => nameOf(one) !== null)
  if (named) return [typeWords(document, named), [schema.type ?? []].flat().includes('null') && ' or null']
  const types = [schema.type ?? []].flat()
  if (schema.items) return ['array of ', typeWords(document, schema.items), types.includes('null') && ' or null']
  if (types.length > 0) return types.join(' or ')
  const values = schema.enum ?? (schema.const === undefined ? [] : [schema.const])
  return values.length === 0 ? 'any' : [...new Set(values.map((value) => typeof value))].join(' or ')
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

function list(values: unknown[]): Child {
  return <code>{values.map((value) => JSON.stringify(value)).join(', ')}</code>
}

function rangeOf(schema: Schema): string | null {
  const { minimum, maximum, minLength, maxLength, minItems, maxItems } = schema
  return (
    between(minimum, maximum, '') ??
    between(minLength, maxLength, ' characters') ??
    between(minItems, maxItems, ' items')
  )
}

function between(min: number | undefined, max: number | undefined, unit: string): string | null {
  const word = (count: number) => `${count.toLocaleString('en')}${count === 1 ? unit.replace(/s$/, '') : unit}`
  if (min !== undefined && max !== undefined) return `${min.toLocaleString('en')} to ${word(max)}`
  if (max !== undefined) return `At most ${word(max)}`
  return min === undefined ? null : `At least ${word(min)}`
}

/**
 * @returns whether `/docs/schemas` shows a schema. Bodies of requests are shown with their calls, and pages of a list all
 *   look the same
 */
export function hasSection(document: Document, name: string): boolean {
  return itemOf(document, name) === null && isUsedElsewhere(document, name)
}

/** @returns the schema of an item, if the schema is a page of a list */
function itemOf({ components }: Document, name: string): Schema | null {
  const { data, next } = components.schemas[name]?.properties ?? {}
  return next ? (data?.items ?? null) : null
}

/** Whether a schema is used for anything but the body of a request. */
function isUsedElsewhere({ paths, components }: Document, name: string): boolean {
  const responses = Object.values(paths).flatMap((calls) => Object.values(calls).map((call) => call.responses))
  return JSON.stringify([responses, components.schemas]).includes(`"#/components/schemas/${name}"`)
}

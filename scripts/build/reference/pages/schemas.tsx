import { Prose } from '../prose'
import { type Document, nameOf, type Schema } from '../read-document'
import { Fields, hasSection, TypeOf } from '../schema-view'
import { Contents, Docs, type Site } from './shell'

/* `/docs/schemas`: what responses consist of. `npm run openapi` writes it to public/docs/schemas.html. */

export function SchemasPage({ document, site }: { document: Document; site: Site }) {
  const all = Object.entries(document.components.schemas).toSorted(([a], [b]) => (a < b ? -1 : 1))
  const named = all.filter(([name]) => hasSection(document, name))
  const contents = <Contents links={named.map(([name]) => [`#${name}`, name])} />
  return (
    <Docs title="Schemas" page="/docs/schemas" {...{ site, contents }}>
      <p class="lead">
        What responses consist of. The pages of the API reference say where each one is used, with an example.
      </p>
      {named.map(([name, schema]) => (
        <SchemaView document={document} name={name} schema={schema} />
      ))}
    </Docs>
  )
}

/** A schema that extends another one shows its own fields. */
function SchemaView({ document, name, schema }: { document: Document; name: string; schema: Schema }) {
  const base = schema.allOf?.find((one) => nameOf(one) !== null)
  const own = base ? { ...schema, allOf: (schema.allOf ?? []).filter((one) => one !== base) } : schema
  return (
    <section class="call" id={name}>
      <h2>
        {name} {!base && <TypeOf document={document} schema={schema} />}
      </h2>
      {schema.description && (
        <p>
          <Prose text={schema.description} />
        </p>
      )}
      {base && (
        <p>
          All fields of <TypeOf document={document} schema={base} />, and:
        </p>
      )}
      <Fields document={document} schema={own} isSent />
    </section>
  )
}

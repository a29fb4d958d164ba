import { Example } from './call-view'
import { Docs } from './docs-shell'
import { exampleOf } from './examples'
import { Prose } from './prose'
import type { Document, Schema } from './read-document'
import { Fields, hasSection, TypeOf } from './schema-view'

/*
 * `/docs/schemas`: what responses consist of. It is a page of its own, because `/docs` would otherwise have
 * twice as many elements. `npm run openapi` writes it to public/docs/schemas.html.
 */

export function SchemasPage({ document }: { document: Document }) {
  const all = Object.entries(document.components.schemas).toSorted(([a], [b]) => (a < b ? -1 : 1))
  const named = all.filter(([name]) => hasSection(document, name))
  return (
    <Docs title="Schemas" page="/docs/schemas" contents={<Contents names={named.map(([name]) => name)} />}>
      <p class="lead">
        What responses consist of. The <a href="/docs">API reference</a> says where each one is used.
      </p>
      {named.map(([name, schema]) => (
        <SchemaView document={document} name={name} schema={schema} />
      ))}
    </Docs>
  )
}

function Contents({ names }: { names: string[] }) {
  return (
    <ul>
      {names.map((name) => (
        <li>
          <a href={`#${name}`}>{name}</a>
        </li>
      ))}
    </ul>
  )
}

function SchemaView({ document, name, schema }: { document: Document; name: string; schema: Schema }) {
  return (
    <section class="call" id={name}>
      <h2>
        {name} <TypeOf document={document} schema={schema} />
      </h2>
      {schema.description && (
        <p>
          <Prose text={schema.description} />
        </p>
      )}
      <Fields document={document} schema={schema} isSent />
      <Example title="Example" value={exampleOf(document, schema)} />
    </section>
  )
}

import { scopesFor } from '../../../src/access/scopes'
import type { Scope } from '../../../src/kit/actor'
import { callAnchor, linkTo, type Place } from './anchors'
import { curlFor, exampleOf, exampleRequest } from './examples'
import { Prose } from './prose'
import { type Document, nameOf, type Operation, type Parameter, type Schema, schemaAt } from './read-document'
import { Field, Fields, hasSection, TypeOf } from './schema-view'

export interface Call extends Place {
  call: Operation
}

interface CallProps {
  document: Document
  of: Call
}

/** One call of the API. */
export function CallView({ document, of }: CallProps) {
  const { call, method, path } = of
  const anchor = callAnchor(of)
  return (
    <article class="call" id={anchor} aria-labelledby={`${anchor}/title`}>
      <h2 id={`${anchor}/title`}>
        {call.summary}{' '}
        <a class="anchor" href={linkTo(anchor)} aria-label={`Link to: ${call.summary}`}>
          #
        </a>
      </h2>
      <p class="route">
        <b class={`method ${method.toLowerCase()}`}>{method}</b> <Path path={path} />
      </p>
      <p class="small">{whoMay(call, method, path)}</p>
      {withoutScopes(call.description) && (
        <p>
          <Prose text={withoutScopes(call.description)} />
        </p>
      )}
      <Parameters document={document} parameters={call.parameters ?? []} />
      <RequestBody document={document} call={call} />
      <h3>Example</h3>
      <pre>{curlFor(document, method, path, call)}</pre>
      <Responses document={document} call={call} />
    </article>
  )
}

function whoMay(call: Operation, method: string, path: string) {
  const { security = [] } = call
  if (security.length === 0) return 'Who: anyone.'
  const route = path.replace(/\{(\w+)\}/g, ':$1')
  const names = security.map((scheme) => Object.keys(scheme)[0] ?? 'anyone')
  return (
    <>
      Who:{' '}
      {names.map((name, i) => [
        i > 0 && ', or ',
        WHO[name] ?? name,
        name === 'owner' && keyWords(scopesFor(method, route)),
      ])}
      .
    </>
  )
}

const WHO: Record<string, string> = {
  owner: 'the owner',
  author: 'the guest, with the `edit_token`'.replaceAll('`', ''),
  pullToken: 'the receiver, with its pull token',
  anyone: 'anyone',
}

function keyWords(scopes: readonly Scope[]) {
  if (scopes.length === 0) return ', with ADMIN_TOKEN only'
  const names = scopes.map((scope, i) => [i > 0 && ' or ', <code>{scope}</code>])
  return <> (an API key needs the scope {names})</>
}

/** A path, which can be broken into lines before each slash. A person who copies it gets the path alone. */
function Path({ path }: { path: string }) {
  const parts = path.split('/').slice(1)
  return (
    <code>
      {parts.map((part) => (
        <>
          <wbr />/{part}
        </>
      ))}
    </code>
  )
}

/** The description in the document also has the scopes, for readers of the document alone. */
function withoutScopes(description = ''): string {
  return description
    .replace(/(^| )An API key needs the scope [^.]*\. It also needs/, '$1An API key also needs')
    .replace(/ ?(An API key needs the scope [^.]*|Only ADMIN_TOKEN can make this call, not an API key)\./, '')
}

function Parameters({ document, parameters }: { document: Document; parameters: Parameter[] }) {
  if (parameters.length === 0) return null
  return (
    <>
      <h3>Parameters</h3>
      <ul class="fields">
        {parameters.map(({ name, schema, required = false, description, in: where }) => (
          <Field
            document={document}
            name={where === 'header' ? headerName(name) : name}
            schema={schema}
            isRequired={required}
            description={description ?? schema.description ?? WHERE[where]}
          />
        ))}
      </ul>
    </>
  )
}

/** @returns for example `Idempotency-Key:` */
function headerName(name: string): string {
  return `${name.replace(/(^|-)\w/g, (start) => start.toUpperCase())}:`
}

const WHERE = { path: 'In the path.', query: 'In the query.', header: 'A header.' }

function RequestBody({ document, call }: { document: Document; call: Operation }) {
  const [type, content] = Object.entries(call.requestBody?.content ?? {})[0] ?? []
  if (type === undefined || !content?.schema) return null
  const name = nameOf(content.schema)
  return (
    <>
      <h3>Body</h3>
      <p class="small">
        <code>{type}</code>{' '}
        {name !== null && hasSection(document, name) && <TypeOf document={document} schema={content.schema} />}
        {call.requestBody?.required ? '' : ', optional'}
      </p>
      <Fields document={document} schema={schemaAt(document, content.schema)} />
    </>
  )
}

function Responses({ document, call }: { document: Document; call: Operation }) {
  const all = Object.entries(call.responses)
  const good = all.filter(([status]) => Number(status) < 400)
  const bad = all.filter(([status]) => Number(status) >= 400)
  return (
    <>
      <h3>Responses</h3>
      <ul class="responses">
        {good.map(([status, { description, content }]) => (
          <li>
            <b class="good">{status}</b> <Prose text={description} /> <Returned document={document} content={content} />
          </li>
        ))}
        {bad.length > 0 && (
          <li>
            <details>
              <summary>Errors: {bad.map(([status]) => status).join(', ')}</summary>
              <p class="lines">
                {bad.map(([status, { description }]) => `${status}  ${description.replaceAll('`', '')}`).join('\n')}
              </p>
            </details>
          </li>
        )}
      </ul>
    </>
  )
}

interface ReturnedProps {
  document: Document
  content: Operation['responses'][string]['content']
}

/** What a response contains: a link to its schema, or its fields, and an example to unfold. */
function Returned({ document, content }: ReturnedProps) {
  const [type, shape] = Object.entries(content ?? {})[0] ?? []
  if (!shape?.schema || type === undefined) return null
  return (
    <>
      <TypeOf document={document} schema={shape.schema} />
      {nameOf(shape.schema) === null && <Fields document={document} schema={shape.schema} isSent />}
      {/json/.test(type) && <Example title="Example response" value={exampleOf(document, shape.schema)} />}
    </>
  )
}

export function Example({ title, value }: { title: string; value: unknown }) {
  return (
    <details>
      <summary>{title}</summary>
      <pre>{JSON.stringify(value, null, 2)}</pre>
    </details>
  )
}

/** An event type: what its webhooks contain. @param same an earlier event with the same data */
export function EventView({ document, of, same }: CallProps & { same: Call | null }) {
  const schema: Schema = of.call.requestBody?.content['application/json']?.schema ?? {}
  const anchor = callAnchor(of)
  return (
    <article class="call" id={anchor} aria-labelledby={`${anchor}/title`}>
      <h2 id={`${anchor}/title`}>
        <code>{of.path}</code>{' '}
        <a class="anchor" href={linkTo(anchor)} aria-label={`Link to: ${of.path}`}>
          #
        </a>
      </h2>
      <p>
        <Prose text={of.call.summary ?? ''} />
      </p>
      <h3>Body</h3>
      {same ? (
        <p>
          The same fields as <a href={linkTo(callAnchor(same))}>{same.path}</a>.
        </p>
      ) : (
        <Fields document={document} schema={schema} isSent />
      )}
      <Example title="Example body" value={exampleRequestOrBody(document, of.call, schema)} />
    </article>
  )
}

function exampleRequestOrBody(document: Document, { requestBody }: Operation, schema: Schema): unknown {
  return requestBody?.content['application/json']?.example ?? exampleRequest(document, schema)
}

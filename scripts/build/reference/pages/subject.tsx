import { callAnchor, linkTo, subjectPath, tagAnchor } from '../anchors'
import { type Call, CallView, EventView } from '../call-view'
import type { Document, Schema } from '../read-document'
import { Contents, Docs, type Site } from './shell'

/* `/docs/api/{subject}`: the API reference, a page for each tag. `npm run openapi` writes it to public/docs/api/. */

/** The order in which a reader needs them. A test checks that no tag is missing. */
export const TAGS = [
  'Entries',
  'Books',
  'Bans',
  'Endpoints',
  'Messages',
  'Event types',
  'Jobs',
  'Sources',
  'Requests',
  'Access',
  'Settings',
  'Signing keys',
  'Moving',
  'People',
  'Reference',
] as const

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

/** @returns the calls of the API by tag, in the order of their paths */
export function callsByTag(document: Document): Map<string, Call[]> {
  const calls = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, call]) => ({
      tag: call.tags?.[0] ?? 'Reference',
      method: method.toUpperCase(),
      path,
      call,
    }))
  )
  const place = ({ path, method }: Call) => `${path} ${METHODS.indexOf(method)}`
  return Map.groupBy(
    calls.toSorted((a, b) => (place(a) < place(b) ? -1 : 1)),
    ({ tag }) => tag
  )
}

function eventsOf(document: Document): Call[] {
  return Object.entries(document.webhooks).map(([name, { post }]) => ({
    tag: 'Webhooks',
    method: 'POST/',
    path: name,
    call: post,
  }))
}

const EVENTS = 'Webhooks'

/** @returns the address and the title of each page of the reference */
export function subjectsOf(): [path: string, title: string][] {
  return [...TAGS, EVENTS].map((tag) => [subjectPath(tag), tag])
}

interface SubjectProps {
  document: Document
  tag: string
  site: Site
}

/** The calls of one subject, or all events. */
export function SubjectPage({ document, tag, site }: SubjectProps) {
  const isEvents = tag === EVENTS
  const calls = isEvents ? eventsOf(document) : (callsByTag(document).get(tag) ?? [])
  const links = calls.map((call): [string, string] => [
    linkTo(callAnchor(call)),
    isEvents ? call.path : (call.call.summary ?? call.path),
  ])
  return (
    <Docs title={tag} page={subjectPath(tag)} site={site} contents={<Contents links={links} />}>
      <section id={tagAnchor(tag)}>
        {isEvents ? <AboutEvents /> : <AboutCalls />}
        {calls.map((call) =>
          isEvents ? (
            <EventView document={document} of={shortened(calls, call)} same={firstWithSameData(calls, call)} />
          ) : (
            <CallView document={document} of={call} />
          )
        )}
      </section>
    </Docs>
  )
}

function AboutCalls() {
  return (
    <>
      <p>
        The examples of owner calls use the variable <code>TOKEN</code>. Set it first, to an API key from{' '}
        <a href="/admin/access">API keys and sessions</a>:
      </p>
      <pre>TOKEN=apikey_...</pre>
      <p class="small">
        <a href="/docs#before-you-start">Before you start</a>: errors, lists, repeated calls and times.
      </p>
    </>
  )
}

function AboutEvents() {
  return (
    <p>
      What endpoints receive. Each webhook is a signed <code>POST</code>: see{' '}
      <a href="/docs/recipes#verify-a-webhook">Verify a webhook</a>.
    </p>
  )
}

/** @returns the first event with the same data, so that it is described once; null if it is this one */
function firstWithSameData(events: Call[], event: Call): Call | null {
  const first = events.find((one) => dataOf(one) === dataOf(event))
  return first === undefined || first === event ? null : first
}

function dataOf(event: Call): string {
  return JSON.stringify(schemaOf(event).properties?.data)
}

function schemaOf({ call }: Call): Schema {
  return call.requestBody?.content['application/json']?.schema ?? {}
}

/** @returns the event, whose data names the earlier event that has the same object, so that its fields are shown once */
function shortened(events: Call[], event: Call): Call {
  const earlier = events.slice(0, events.indexOf(event))
  const schema = schemaOf(event)
  const data = schema.properties?.data ?? {}
  const properties = Object.fromEntries(
    Object.entries(data.properties ?? {}).map(([name, field]) => [name, shortenedField(earlier, name, field)])
  )
  const shown = { ...schema, properties: { ...schema.properties, data: { ...data, properties } } }
  const content = { 'application/json': { ...event.call.requestBody?.content['application/json'], schema: shown } }
  return { ...event, call: { ...event.call, requestBody: { ...event.call.requestBody, content } } }
}

function shortenedField(earlier: Call[], name: string, field: Schema): Schema {
  const isSame = (one: Call) =>
    JSON.stringify(schemaOf(one).properties?.data?.properties?.[name]) === JSON.stringify(field)
  const first = field.properties && earlier.find(isSame)
  if (!first) return field
  const { properties: _, description, ...rest } = field
  return { ...rest, description: `${description} It has the same fields as in \`${first.path}\`.` }
}

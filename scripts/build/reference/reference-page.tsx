import { callAnchor, linkTo, schemaLink, tagAnchor } from './anchors'
import { type Call, CallView, EventView } from './call-view'
import { Docs } from './docs-shell'
import type { Document } from './read-document'

/*
 * `/docs`: the API reference as a page without scripts. `npm run openapi` writes it to public/docs.html.
 */

/** The order in which a reader needs them. A test checks that no tag is missing. */
export const TAGS = [
  'Comments',
  'Books',
  'Bans',
  'Endpoints',
  'Messages',
  'Event types',
  'Jobs',
  'Sources',
  'Inbound',
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

export function ReferencePage({ document }: { document: Document }) {
  const byTag = callsByTag(document)
  const events = eventsOf(document)
  return (
    <Docs title="API reference" page="/docs" contents={<Contents byTag={byTag} events={events} />}>
      <Introduction document={document} />
      {TAGS.map((tag) => (
        <section id={tagAnchor(tag)}>
          <h2>{tag}</h2>
          {byTag.get(tag)?.map((call) => (
            <CallView document={document} of={call} />
          ))}
        </section>
      ))}
      <section id={tagAnchor('Webhooks')}>
        <h2>Webhooks</h2>
        <p>
          What endpoints receive. Each webhook is a signed <code>POST</code>: see{' '}
          <a href="/docs/recipes#verify-a-webhook">Verify a webhook</a>.
        </p>
        {events.map((event) => (
          <EventView document={document} of={event} same={firstWithSameData(events, event)} />
        ))}
      </section>
    </Docs>
  )
}

function Introduction({ document }: { document: Document }) {
  return (
    <section id="start">
      <p class="lead">{document.info.description}</p>
      <p>
        The <a href="/docs/recipes">recipes</a> show how to do common things. Programs can read the{' '}
        <a href="/openapi.json">OpenAPI 3.1 document</a>, and language models <a href="/llms.txt">llms.txt</a>.
      </p>
      <h2>Before you start</h2>
      <p>The examples use two variables: the address of the guestbook, and a token of its owner.</p>
      <pre>{'GUESTBOOK=https://guestbook.example.com\nTOKEN=apikey_...'}</pre>
      <p>
        Create an API key in the dashboard under <a href="/admin/access">Access</a>. Each call says which scope a key
        needs. <code>ADMIN_TOKEN</code> may do everything.
      </p>
      <ul>
        <li>
          Errors are <a href={schemaLink('Problem')}>problem details</a> (RFC 9457). Programs should use{' '}
          <code>code</code>; <code>detail</code> and <code>errors</code> are for people.
        </li>
        <li>
          Lists take <code>limit</code> and <code>cursor</code>. To get the next page, pass <code>next</code> as{' '}
          <code>cursor</code>. On the last page, <code>next</code> is <code>null</code>.
        </li>
        <li>
          A repeated <code>POST</code> with the same <code>Idempotency-Key</code> and body gets the first response
          again.
        </li>
        <li>Times are in RFC 3339 format, in UTC.</li>
      </ul>
    </section>
  )
}

function Contents({ byTag, events }: { byTag: Map<string, Call[]>; events: Call[] }) {
  return (
    <ul>
      <li>
        <a href="#start">Before you start</a>
      </li>
      {TAGS.map((tag) => (
        <li>
          <a href={linkTo(tagAnchor(tag))}>{tag}</a>
          <ul>
            {byTag.get(tag)?.map((call) => (
              <li>
                <a href={linkTo(callAnchor(call))}>{call.call.summary}</a>
              </li>
            ))}
          </ul>
        </li>
      ))}
      <li>
        <a href={linkTo(tagAnchor('Webhooks'))}>Webhooks</a>
        <ul>
          {events.map((event) => (
            <li>
              <a href={linkTo(callAnchor(event))}>{event.path}</a>
            </li>
          ))}
        </ul>
      </li>
    </ul>
  )
}

/** @returns the first event with the same data, so that it is described once; null if it is this one */
function firstWithSameData(events: Call[], event: Call): Call | null {
  const first = events.find((one) => dataOf(one) === dataOf(event))
  return first === undefined || first === event ? null : first
}

function dataOf({ call }: Call): string {
  return JSON.stringify(call.requestBody?.content['application/json']?.schema?.properties?.data)
}

import { schemaLink } from '../anchors'
import { Contents, Docs, type Site } from './shell'

/* `/docs`: where the documentation starts. `npm run openapi` writes it to public/docs.html. */

export function HomePage({ site }: { site: Site }) {
  const contents = <Contents links={[['#before-you-start', 'Before you start']]} />
  return (
    <Docs title="Documentation" page="/docs" {...{ site, contents }}>
      <p class="lead">
        Guides for owners, for developers of receivers, and for programs; then the API, subject by subject.
      </p>
      <p>
        To receive the webhooks of this guestbook, start with <a href="/webhooks">Receive webhooks</a>: it has the code
        and, if the owner allows it, the form to register your URL.
      </p>
      <Search />
      <div class="subjects">
        {Object.entries(site).map(([group, pages]) => (
          <section>
            <h2>{group}</h2>
            <ul>
              {pages.map(([path, title, about]) => (
                <li>
                  <a href={path}>{title}</a>
                  {about && <div class="small">{about}</div>}
                </li>
              ))}
            </ul>
          </section>
        ))}
      </div>
      <BeforeYouStart />
      <p>
        Programs can read the <a href="/openapi.json">OpenAPI 3.1 document</a>, and language models{' '}
        <a href="/llms.txt">llms.txt</a>.
      </p>
    </Docs>
  )
}

/** docs.js shows it: without scripts, the list of pages is all there is. */
function Search() {
  return (
    <search class="search" hidden>
      <label for="search">Search the documentation</label>
      <input id="search" type="search" autocomplete="off" aria-describedby="found" />
      <p id="found" class="small" role="status" />
      <ol id="results" />
    </search>
  )
}

function BeforeYouStart() {
  return (
    <section>
      <h2 id="before-you-start">Before you start</h2>
      <p>
        The examples of the API use one variable, which you set first: the token of the owner. A script puts the address
        of this guestbook into them. Without scripts, put it in place of the example host.
      </p>
      <pre>TOKEN=apikey_...</pre>
      <p>
        Create an API key in the dashboard under <a href="/admin/access">API keys and sessions</a>. Each call says which
        scope a key needs. <code>ADMIN_TOKEN</code> may do everything, so the examples of the guides use it.
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

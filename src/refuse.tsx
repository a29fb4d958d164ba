import type { Context } from 'hono'
import type { HonoEnv } from './env'
import { Typed } from './guestbook/own-changes/edit-view'
import { GuestbookShell } from './guestbook/reading/guestbook-shell'
import { translator } from './guestbook/reading/languages'
import { chooseLanguage, type Translator } from './guestbook/rules/languages'
import { explainToGuest } from './guestbook/signing/notices'
import { type Crumb, Dashboard } from './kit/html/dashboard'
import { Page } from './kit/html/layout'
import { ActLink } from './kit/html/list'
import { sectionOf } from './kit/html/navigation'
import { renderPage } from './kit/html/render'
import { UserText } from './kit/html/user-text'
import { problemResponse, type Refusal, titleOf } from './kit/http/problem'
import { DASHBOARD } from './kit/lib/paths'
import { askToLogIn } from './owner/dashboard/pages'

/**
 * Responds with problem details for paths that programs use, and with a page for all other paths.
 * @param isLogged whether the log has the request
 */
export async function refuse(c: Context<HonoEnv>, refusal: Refusal, isLogged = false): Promise<Response> {
  const isByScript = c.req.header('Accept') === 'application/json'
  if (isByScript || /^\/(api|in|mcp|webmention|openapi\.json|healthz|\.well-known)(\/|$)/.test(c.req.path))
    return problemResponse(c, refusal)
  if (refusal.code === 'no_session') return askToLogIn(c, refusal)
  const { path } = c.req
  const logged = isLogged ? c.get('requestId') : null
  const translate = await translator(c.env, chooseLanguage(c.req.header('Accept-Language')))
  const shown = { refusal, path, logged, translate, isOwner: c.get('actor') !== undefined }
  const headers = { Vary: 'Accept-Language', ...refusal.headers }
  return renderPage(c, <ErrorPage {...shown} />, refusal.status, headers)
}

interface ErrorProps {
  refusal: Refusal
  /** The id of the request, if the log has it. */
  logged: string | null
  /** The path of the request. */
  path: string
  /** The language of the guest. The other pages are in English. */
  translate: Translator
}

const GUESTBOOK = { href: '/', label: 'Back to the guestbook' }

/** Paths whose errors look like the dashboard, even for people who are not logged in, and where each page leads. */
const PLAIN: [path: RegExp, back: Crumb][] = [
  [/^\/admin(\/|$)/, { href: DASHBOARD.overview, label: 'Back to the dashboard' }],
  [/^\/moderate(\/|$)/, { href: DASHBOARD.entries, label: 'All entries, for the owner' }],
  [/^\/docs\//, { href: '/docs#search', label: 'Search the documentation' }],
  [/^\/webhooks$/, { href: '/webhooks/guide', label: 'How to receive webhooks' }],
  [/^\/webhooks\//, GUESTBOOK],
]

/**
 * An error page in the look of the page that failed.
 * @param props.isOwner whether the owner is logged in. Only then does the page show the navigation of the dashboard
 */
function ErrorPage(props: ErrorProps & { isOwner: boolean }) {
  const { path, isOwner } = props
  if (isOwner && path.startsWith(DASHBOARD.overview)) return <DashboardErrorPage {...props} />
  const [, back] = PLAIN.find(([pattern]) => pattern.test(path)) ?? []
  return back ? <PlainErrorPage {...props} back={back} /> : <GuestbookErrorPage {...props} />
}

function GuestbookErrorPage(props: ErrorProps) {
  const { refusal, logged, translate } = props
  const { text } = translate
  const title = text(refusal.status === 404 ? 'error_lost' : 'error_title')
  return (
    <GuestbookShell title={title} heading={title} translate={translate}>
      <main id="entries">
        <article class="entry">
          <p class="words">
            <UserText text={explainToGuest(refusal, translate)} />
          </p>
          <Typed typed={refusal.typed} translate={translate} />
          <p>
            {/* The page may be in a frame. */}
            <a href="/" target="_top">
              {text('to_book')}
            </a>
          </p>
          <p class="small">
            {text('error')} {refusal.status}.{logged && ` ${text('error_report', { id: logged })}`}
          </p>
        </article>
      </main>
    </GuestbookShell>
  )
}

/** Leads back to the section of the page that failed. */
function DashboardErrorPage({ refusal, logged, path }: ErrorProps) {
  const { href, label } = sectionOf(path)
  return (
    <Dashboard title={titleOf(refusal.status)} section={href} error={refusal.detail}>
      <p>
        <ActLink href={href}>« Back to {label}</ActLink>
      </p>
      {logged && (
        <p class="small">
          To find this request in the log, search for <code>{logged}</code>.
        </p>
      )}
    </Dashboard>
  )
}

/** In the look of the dashboard, but without its navigation. */
function PlainErrorPage(props: ErrorProps & { back: Crumb }) {
  const { refusal, back } = props
  const title = titleOf(refusal.status)
  return (
    <Page title={`${title} · Guesthook`} stylesheets={['/dashboard.css']} bodyClass="login">
      <main id="main">
        <h1>{title}</h1>
        <p class="notice bad" role="alert">
          <UserText text={refusal.detail} />
        </p>
        <p>
          <a href={back.href}>« {back.label}</a>
        </p>
        <Report {...props} />
      </main>
    </Page>
  )
}

/** For reports to the owner, who finds the request in the log. */
function Report({ refusal, logged }: ErrorProps) {
  return (
    <p class="small">
      Error {refusal.status}.
      {logged && (
        <>
          {' '}
          If you report this to the owner, include <code>{logged}</code>.
        </>
      )}
    </p>
  )
}

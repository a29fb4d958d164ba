import type { Child, PropsWithChildren } from '#jsx'
import { Notices } from '../../kit/html/dashboard'
import { Page } from '../../kit/html/layout'
import { DASHBOARD } from '../../kit/lib/paths'

export interface FrameProps {
  title: string
  notice?: Child
  error?: Child
  /** The path of the endpoint's page, for a page below it. */
  page?: string | undefined
}

/** The frame of the integrator pages. It looks like the dashboard, but has no navigation. */
export function IntegratorPage(props: PropsWithChildren<FrameProps>) {
  return (
    <Page
      title={`${props.title} · Guesthook`}
      stylesheets={['/dashboard.css', '/guide.css']}
      script="/dashboard.js"
      bodyClass="integrator"
    >
      <main id="main">
        <p>{props.page ? <a href={props.page}>« Your endpoint</a> : <a href="/">« Back to the guestbook</a>}</p>
        <h1>{props.title}</h1>
        <Notices section={DASHBOARD.endpoints} {...props} />
        {props.children}
      </main>
    </Page>
  )
}

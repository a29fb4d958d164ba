import { Hono } from 'hono'
import type { HonoEnv } from '../../env'
import { Form, Submit } from '../../kit/html/parts/form'
import { renderPage } from '../../kit/html/render'
import { UserText } from '../../kit/html/user-text'
import { answerOnce, readSubmission } from '../../kit/http/act-once'
import { withFlash } from '../../kit/http/flash'
import type { EndpointRow } from '../endpoints/store'
import { IntegratorPage } from './frame'
import { keepUnlisted, pageWith } from './manage'
import { readRenewal, renewLink, requireRenewable } from './renew'

/** `/webhooks/renew/{token}`: makes a new private link. Some programs open every link, so only the button makes one. */
export const renewPages = new Hono<HonoEnv>()

renewPages.use('/*', keepUnlisted)

renewPages.get('/:token', async (c) => {
  const endpoint = await requireRenewable(c.env, c.req.param('token'), c.get('now'))
  return renderPage(c, <RenewPage endpoint={endpoint} />)
})

renewPages.post('/:token', async (c) => {
  const [link, now] = [c.req.param('token'), c.get('now')]
  await readRenewal(c.env, link, now)
  return answerOnce(c, await readSubmission(c, link), async () => {
    const page = pageWith(await renewLink(c.env, link, now))
    return c.redirect(await withFlash(c.env, page, { is_new_link: true }, now), 303)
  })
})

function RenewPage({ endpoint }: { endpoint: EndpointRow }) {
  return (
    <IntegratorPage title="New private link">
      <Form class="card">
        <p>
          This makes a new private link for <UserText text={endpoint.url} />. The old link and the pull token stop
          working. The signing secret stays the same.
        </p>
        <Submit kind="primary" label="Make a new private link" />
      </Form>
    </IntegratorPage>
  )
}

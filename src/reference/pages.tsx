import { Hono } from 'hono'
import type { HonoEnv } from '../env'
import { REFERENCE_POLICY } from '../http/security-headers'
import { renderPage } from '../ui/render'

/**
 * `/docs`: the API reference. `npm run vendor` copies Swagger UI into public/, so that browsers do not load it from
 * another host.
 */
export const referencePages = new Hono<HonoEnv>()

referencePages.get('/docs', (c) => renderPage(c, <DocsPage />, 200, { 'Content-Security-Policy': REFERENCE_POLICY }))

function DocsPage() {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Guesthook API</title>
        <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/vendor/swagger-ui.css" />
        <script src="/vendor/swagger-ui-bundle.js" defer />
        <script src="/docs.js" defer />
      </head>
      <body>
        <div id="reference">
          <p>
            This page needs JavaScript. You can also read the OpenAPI document itself:{' '}
            <a href="/openapi.json">/openapi.json</a>.
          </p>
        </div>
      </body>
    </html>
  )
}

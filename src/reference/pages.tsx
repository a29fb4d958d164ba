import { Hono } from 'hono'
import { secureHeaders } from 'hono/secure-headers'
import type { HonoEnv } from '../env'
import { renderPage } from '../ui/render'

/** `/docs`: the reference page, from files of our own (`npm run vendor` copies Swagger UI into public/). */
export const referencePages = new Hono<HonoEnv>()

/** Swagger UI writes style attributes and data: images; scripts stay ours alone. */
const docsHeaders = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'", "'unsafe-inline'"],
    imgSrc: ["'self'", 'data:'],
    connectSrc: ["'self'"],
    baseUri: ["'none'"],
    frameAncestors: ["'none'"],
  },
})

referencePages.get('/docs', docsHeaders, (c) => renderPage(c, <DocsPage />))

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
            The reference needs a script to be drawn. The document itself is{' '}
            <a href="/openapi.json">/openapi.json</a>.
          </p>
        </div>
      </body>
    </html>
  )
}

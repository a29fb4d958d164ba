import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What a site serves: the body of a page, its language and direction, its policy; or a stylesheet. */
export interface Served {
  body?: string
  lang?: string
  dir?: 'ltr' | 'rtl'
  policy?: string
  css?: string
}

/** Somebody's site, on another host than the guestbook. @param files what it serves, by path */
export async function startSite(files: Record<string, Served>) {
  const server = createServer((request, response) => {
    const { body = '', lang = 'en', dir = 'ltr', policy, css } = files[request.url ?? ''] ?? {}
    if (policy) response.setHeader('Content-Security-Policy', policy)
    if (css) return response.setHeader('Content-Type', 'text/css').end(css)
    const head = '<meta charset="utf-8"><title>My site</title>'
    const main = `<main><h1>My site</h1>${body}</main>`
    response
      .setHeader('Content-Type', 'text/html')
      .end(`<!doctype html><html lang="${lang}" dir="${dir}">${head}${main}`)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const close = () => new Promise((resolve) => server.close(resolve))
  return { url: `http://127.0.0.1:${port}`, close }
}

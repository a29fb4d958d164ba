import type { Context } from 'hono'

/** @returns the value of a cookie. No value that we read is encoded */
export function cookieOf(c: Context, name: string): string | undefined {
  const pairs = c.req
    .header('Cookie')
    ?.split(';')
    .map((pair) => pair.trim())
  return pairs?.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1)
}

/** Scripts cannot read the cookie, and other sites' forms do not send it. @param seconds until it ends; 0 deletes it */
export function setCookie(c: Context, name: string, value: string, path: string, seconds: number): void {
  const secure = new URL(c.req.url).protocol === 'https:' ? '; Secure' : ''
  const cookie = `${name}=${value}; Max-Age=${seconds}; Path=${path}; HttpOnly${secure}; SameSite=Lax`
  c.header('Set-Cookie', cookie, { append: true })
}

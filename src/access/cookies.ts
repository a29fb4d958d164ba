import type { Context } from 'hono'
import { setCookie } from 'hono/cookie'

/** Scripts cannot read the cookie, and other sites' forms do not send it. @param maxAge in seconds; 0 deletes it */
export function keepCookie(c: Context, name: string, value: string, path: string, maxAge: number): void {
  const secure = new URL(c.req.url).protocol === 'https:'
  setCookie(c, name, value, { path, maxAge, secure, httpOnly: true, sameSite: 'Lax' })
}

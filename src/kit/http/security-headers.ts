import type { MiddlewareHandler } from 'hono'
import type { HonoEnv } from '../../env'

/** The policy for most pages: no other hosts, no inline code and no framing. Scripts may call this Worker. */
const PAGE_POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** Where Turnstile comes from: https://developers.cloudflare.com/turnstile/reference/content-security-policy/ */
export const TURNSTILE_ORIGIN = 'https://challenges.cloudflare.com'

/** @returns the policy of a page, for a form with Turnstile */
export function withTurnstile(policy: string): string {
  const scripts = policy.replace("script-src 'self'", `script-src 'self' ${TURNSTILE_ORIGIN}`)
  return `${scripts}; frame-src ${TURNSTILE_ORIGIN}`
}

/** For a page whose form redirects to `origin`, which the owner has allowed: browsers also check redirects of forms. */
export function withFormTarget(policy: string, origin: string): string {
  return policy.replace("form-action 'self'", `form-action 'self' ${origin}`)
}

/** The policy for a page of the dashboard that shows a page of the guestbook in a frame. */
export const PREVIEW_POLICY = `${PAGE_POLICY}; frame-src 'self'`

/** The policy for a page of the guestbook that is shown in the dashboard. */
export const PREVIEWED_POLICY = PAGE_POLICY.replace("frame-ancestors 'none'", "frame-ancestors 'self'")

/** The policy for pages that any site may show in a frame. */
const FRAMED_POLICY = PAGE_POLICY.replace("frame-ancestors 'none'", 'frame-ancestors *')

/** The policy for a book as one page: its style is part of the page, and it has no forms, scripts or requests. */
export const EXPORT_POLICY = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** The policy for a picture that somebody opens as a page. */
export const PICTURE_POLICY = "default-src 'none'; sandbox"

/** Also for errors. Sets headers before the handler runs: afterwards, as in Hono, it takes a tenth of a list's time. */
export const responseHeaders: MiddlewareHandler<HonoEnv> = (c, next) => {
  c.header('X-Content-Type-Options', 'nosniff')
  if (!c.req.path.startsWith('/api/')) {
    c.header('Content-Security-Policy', PAGE_POLICY)
    c.header('Referrer-Policy', 'same-origin')
    c.header('Cross-Origin-Opener-Policy', 'same-origin')
    c.header('X-Frame-Options', 'DENY')
  }
  if (c.req.url.startsWith('https:')) c.header('Strict-Transport-Security', 'max-age=15552000')
  return next()
}

/** Lets any site show the responses in a frame, including errors. Only for pages on which nobody is logged in. */
export const framable: MiddlewareHandler<HonoEnv> = (c, next) => {
  c.header('Content-Security-Policy', FRAMED_POLICY)
  c.header('X-Frame-Options', undefined)
  return next()
}

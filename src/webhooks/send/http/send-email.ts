import { cut } from '../../../kit/lib/text/shorten'
import { canSendEmail } from '../../endpoints/url'
import { judgeFailure } from '../../rules/delivering/outcome'
import { mailtoAddress } from '../../rules/events/formats/lib/mail'
import { DEADLINE_MS, EXCERPT_BYTES, type Exchange, toError, untilAborted } from './call'

const NOTHING = { status_code: null, retry_after_ms: null, response_excerpt: null }

/** Like `call`, never throws. Cloudflare accepts only addresses that the owner has verified. @param raw MIME text */
export async function sendEmail(env: Env, url: string, raw: string): Promise<Exchange> {
  const to = mailtoAddress(url)
  if (to === null || !canSendEmail(env)) return { ...NOTHING, outcome: 'blocked', error_class: 'no_email' }
  const signal = AbortSignal.timeout(DEADLINE_MS)
  try {
    // Only workerd has this module. Node, which writes the OpenAPI document, reads everything else.
    const { EmailMessage } = await import('cloudflare:email')
    await untilAborted(env.EMAIL.send(new EmailMessage(env.EMAIL_FROM, to, raw)), signal)
    return { ...NOTHING, outcome: 'delivered', error_class: null }
  } catch (cause) {
    // The binding reports every refusal as an error whose message says why.
    const failure = toError(cause)
    if (signal.aborted) return { ...NOTHING, ...judgeFailure(failure) }
    const response_excerpt = cut(failure.message, EXCERPT_BYTES) || null
    return { ...NOTHING, outcome: 'refused', error_class: 'email_refused', response_excerpt }
  }
}

import { ButtonForm } from '../../kit/html/parts/form'
import { UserLink, UserText } from '../../kit/html/user-text'
import { DASHBOARD } from '../../kit/lib/paths'
import { endpointName, RECEIVER_NAME, receiverSource } from '../rules/delivering/built-in-receiver'

/** The URL of an endpoint, as lists and pages show it. */
export function EndpointUrl({ url }: { url: string }) {
  return receiverSource(url) === null ? <UserText text={url} /> : RECEIVER_NAME
}

type LinkProps = { href: string; url: string; description: string | null }

/** Names an endpoint in a list, with a link to its page or to what was sent to it; and its URL if the name hides it. */
export function EndpointLink({ href, url, description }: LinkProps) {
  return (
    <>
      <UserLink href={href} text={endpointName({ url, description }, Number.POSITIVE_INFINITY)} />
      {(description || /[?#]/.test(url)) && (
        <div class="small">
          <EndpointUrl url={url} />
        </div>
      )}
    </>
  )
}

/** Stands beside the name of the built-in receiver. Nothing for any other endpoint. */
export function BuiltInBadge({ url }: { url: string }) {
  return receiverSource(url) !== null && <span class="tag">inside this guestbook</span>
}

/** Says why a list has no built-in receiver. @param href what shows it */
export function ReceiverLeftOut({ href }: { href: string }) {
  return (
    <p class="hint">
      The built-in receiver is left out of this list. <a href={href}>Show the built-in receiver</a>
    </p>
  )
}

interface ReceiverButtonProps {
  isPrimary?: boolean
  /** The page that has the button. */
  from: 'overview' | 'endpoints'
}

/** Registers the built-in receiver: see owner/dashboard/first-run/receiver.ts. */
export function ReceiverButton({ isPrimary = false, from }: ReceiverButtonProps) {
  return (
    <ButtonForm
      class="inline"
      action={`${DASHBOARD.firstSteps}/receiver`}
      hidden={{ from }}
      label="Register the built-in receiver"
      kind={isPrimary ? 'primary' : undefined}
    />
  )
}

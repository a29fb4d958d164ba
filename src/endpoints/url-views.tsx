import { RECEIVER_NAME, receiverSource } from '../core/delivering/built-in-receiver'
import { UserText } from '../ui/user-text'

/** The URL of an endpoint, as lists and pages show it. */
export function EndpointUrl({ url }: { url: string }) {
  return receiverSource(url) === null ? <UserText text={url} /> : <>{RECEIVER_NAME}</>
}

/** Stands beside the name of the built-in receiver. Nothing for any other endpoint. */
export function BuiltInBadge({ url }: { url: string }) {
  return receiverSource(url) === null ? null : <span class="tag">inside this guestbook</span>
}

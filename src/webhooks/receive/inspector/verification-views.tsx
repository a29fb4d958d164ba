import { Status } from '../../../kit/html/dashboard'
import { Steps } from '../../../kit/html/pairs'
import { Section } from '../../../kit/html/parts/card'
import { UserCode, UserText } from '../../../kit/html/user-text'
import { MAX_FORMER } from '../../rules/signing/rotation'
import type { SchemeCheck } from '../../rules/verifying/check'
import { type Provider, proofOf } from '../../rules/verifying/scheme'
import { nameReason } from '../messages/explain-reason'
import type { LoadedInbound } from '../messages/load'
import type { Explanation } from './explain'

type VerificationProps = { explanation: Explanation; row: LoadedInbound['row']; provider: Provider }

const TITLES = { signature: 'Signature check', token: 'Token check', password: 'Password check' }

/** Shows the verification with the current secret. The message's log contains the result at processing time. */
export function VerificationSection({ explanation, row, provider }: VerificationProps) {
  const { verified, reason, checks } = explanation
  // The top of the page already shows the reason for the message's failure.
  const shownReason = reason === row.reason ? null : explanation.explanation
  return (
    <Section title={TITLES[proofOf(provider)]}>
      <p>
        <Status value={verified ? 'verified' : 'unverified'} /> {verified && 'with the current secret.'}
        {!verified && reason === null && 'This source does not use signatures.'}
        {shownReason}{' '}
        {row.sample_key && 'This sample was signed with a temporary key, so it does not test your secret.'}
      </p>
      {checks.map((check) => (
        <CheckView check={check} provider={provider} />
      ))}
    </Section>
  )
}

/** The secrets of a source, newest first. */
const SECRETS = ['current secret', 'previous secret', ...Array(MAX_FORMER - 1).fill('older secret')]

function CheckView({ check, provider }: { check: SchemeCheck; provider: Provider }) {
  const { scheme, at, received, signed, computed, timestamp, reason } = check
  const isUnsigned = at === ''
  const age = timestamp && ageOf(timestamp.age)
  return (
    <article class="attempt">
      <Steps
        pairs={[
          ['Scheme', <UserText text={scheme} />],
          isUnsigned ? null : ['Location', <UserCode text={at} />],
          signed === null ? null : ['Signed content', <UserCode text={signed} />],
          isUnsigned ? null : ['Received', received.length > 0 ? <Lines texts={received} /> : 'nothing'],
          computed.length === 0
            ? null
            : ['Expected', <Lines texts={computed} notes={computed.length > 1 ? SECRETS : []} />],
          timestamp && [
            'Timestamp',
            [<UserCode text={timestamp.text} />, `, ${age} (tolerance: ${timestamp.tolerance} s)`],
          ],
          ['Result', reason === null ? passed(isUnsigned) : nameReason(reason, provider)],
        ]}
      />
    </article>
  )
}

function Lines({ texts, notes = [] }: { texts: string[]; notes?: string[] }) {
  return texts.map((text, i) => (
    <div>
      <UserCode text={text} /> {notes[i] && `(${notes[i]})`}
    </div>
  ))
}

function ageOf(age: number | null): string {
  if (age === null) return 'not a valid timestamp'
  return age >= 0 ? `${age} s old on arrival` : `${-age} s in the future on arrival`
}

const passed = (isUnsigned: boolean): string => (isUnsigned ? 'not checked' : 'matches')

import type { Check } from '../../core/verifying/check'
import { Status } from '../../ui/dashboard'
import type { LoadedInbound } from '../messages/load'
import type { Explanation } from './explain'

interface VerificationProps {
  explanation: Explanation
  row: LoadedInbound['row']
}

/** As of now, with the secret as it is now: what it was when it was processed, the log says. */
export function VerificationSection({ explanation, row }: VerificationProps) {
  const { verified, reason, checks } = explanation
  // What stands above already is not said again.
  const words = reason === row.reason ? null : explanation.explanation
  return (
    <section>
      <h2>Verification, step by step</h2>
      <p>
        {verified ? (
          <>
            <Status value="verified" /> with the secret as it is now.
          </>
        ) : (
          <>
            <Status value="unverified" />{' '}
            {reason === null ? 'Nothing is signed here; it is let pass all the same.' : words}
          </>
        )}{' '}
        {row.sample_key && 'A key was made up for this sample: it says nothing about your secret.'}
      </p>
      {reason !== 'body_removed' && checks.map((check) => <CheckView check={check} />)}
    </section>
  )
}

function CheckView({ check }: { check: Check }) {
  const { scheme, at, received, signed, computed, timestamp, reason } = check
  return (
    <article class="attempt">
      <dl class="steps">
        <dt>Scheme</dt>
        <dd>{scheme}</dd>
        {at && <dt>Looked for in</dt>}
        {at && (
          <dd>
            <code>{at}</code>
          </dd>
        )}
        {signed !== null && <dt>What is signed</dt>}
        {signed !== null && (
          <dd>
            <code>{signed}</code>
          </dd>
        )}
        <Texts title="Received" texts={received} none={at ? 'nothing' : ''} />
        <Texts
          title="Computed"
          texts={computed}
          none=""
          notes={computed.length > 1 ? ['current secret', 'previous secret'] : []}
        />
        {timestamp && <dt>Time stamp</dt>}
        {timestamp && (
          <dd>
            <code>{timestamp.text}</code>, {ageOf(timestamp.age)}; {timestamp.tolerance} s are
            allowed
          </dd>
        )}
        <dt>Verdict</dt>
        <dd>{reason === null ? (at ? 'matches' : 'let pass') : reason.replaceAll('_', ' ')}</dd>
      </dl>
    </article>
  )
}

function ageOf(age: number | null): string {
  if (age === null) return 'which is no time'
  return age >= 0 ? `${age} s old when it came` : `${-age} s ahead of our clock`
}

interface TextsProps {
  title: string
  texts: string[]
  none: string
  /** What each of them is. */
  notes?: string[]
}

function Texts({ title, texts, none, notes = [] }: TextsProps) {
  if (texts.length === 0 && none === '') return null
  return (
    <>
      <dt>{title}</dt>
      <dd>
        {texts.length === 0 && none}
        {texts.map((text, i) => (
          <div>
            <code>{text}</code> {notes[i] && `(${notes[i]})`}
          </div>
        ))}
      </dd>
    </>
  )
}

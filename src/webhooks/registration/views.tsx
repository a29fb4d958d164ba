import { type Child, useContext } from '#jsx'
import { ActLink } from '../../kit/html/list'
import { Card } from '../../kit/html/parts/card'
import { Input } from '../../kit/html/parts/fields'
import { Fold, Submit } from '../../kit/html/parts/form'
import { Refused } from '../../kit/html/parts/refused'
import { spanOf } from '../../kit/lib/time'
import { TypeCheck, UrlInput } from '../endpoints/inputs'
import { MAX_PER_HOST } from '../endpoints/self-registered'
import { CHALLENGE_MS } from '../rules/delivering/outcome'
import { EVENT_TYPES } from '../rules/events/catalogue'
import type { ChallengeShown } from './challenge'
import { ChallengeReport, WaitingForAnswer } from './challenge-views'
import { IntegratorPage } from './frame'
import { type GuideProps, GuideView } from './guide-views'
import type { Mode } from './mode'
import { PUBLIC_TYPES, type RegistrationFields } from './register'

interface RegisterProps extends GuideProps {
  mode: Mode
  fields: RegistrationFields
  /** What the URL was sent, if it has not answered. */
  challenge: ChallengeShown | null
  isRefused: boolean
}

/** The guide comes first, unless the form was refused. */
export function RegisterPage(props: RegisterProps) {
  const { challenge, isRefused } = props
  return (
    <IntegratorPage title="Receive webhooks" error={refusedInBrief(challenge)}>
      {challenge && <ChallengeReport challenge={challenge} />}
      {isRefused && <RegisterForm {...props} />}
      <p class="lead">
        Register a URL to receive a signed POST request for each new entry in this guestbook. This guide takes about ten
        minutes. {!isRefused && <ActLink href="#register">Go to the form</ActLink>}
      </p>
      <GuideView {...props} />
      {!isRefused && <RegisterForm {...props} />}
    </IntegratorPage>
  )
}

/**
 * What the top says about a form whose fields say the rest. @param challenge what the URL did not answer
 * @returns undefined unless a field was refused
 */
export function refusedInBrief(challenge: ChallengeShown | null): Child {
  if (challenge) return 'The form is right, but your URL did not answer the challenge: see below.'
  return useContext(Refused)?.left.length ? 'The form needs a change: see below.' : undefined
}

function RegisterForm({ mode, fields }: RegisterProps) {
  return (
    <Card action="/webhooks" id="register" title="Register your URL">
      <p>
        You get the events of all books on this site, unless you or the owner choose some of them. We first send a
        challenge to the URL, which must answer it. A host can have up to {MAX_PER_HOST} registered URLs.
      </p>
      <RegistrationInputs fields={fields} />
      {mode === 'approve' && <p class="hint">The owner must approve your endpoint. Nothing will be sent until then.</p>}
      <Submit kind="primary" label="Register" />
      <WaitingForAnswer />
    </Card>
  )
}

/** The inputs of a registration, for the first time and for a change (`isEdit`). */
export function RegistrationInputs({ fields, isEdit }: { fields: RegistrationFields; isEdit?: true }) {
  const time = spanOf(CHALLENGE_MS)
  return (
    <>
      <UrlInput
        value={fields.url}
        hint={
          isEdit ? (
            <>
              If you change the URL, we send the new one an <code>endpoint.verify</code> event: respond within {time}{' '}
              with the value of <code>data.challenge</code>. If the owner approves each endpoint, no events are sent
              until the owner has approved the new URL.
            </>
          ) : (
            <>
              Your server must be running: when you submit this form, we send the URL an <code>endpoint.verify</code>{' '}
              event. Respond within {time} with the value of <code>data.challenge</code>.
            </>
          )
        }
      />
      <fieldset>
        <legend>Events</legend>
        {EVENT_TYPES.filter(({ name }) => PUBLIC_TYPES.some((type) => type === name)).map((type) => (
          <TypeCheck {...type} chosen={fields.event_types} />
        ))}
      </fieldset>
      {!isEdit && (
        <Fold summary="Only some books…" open={fields.books !== ''}>
          <Input
            name="books"
            label="Books"
            hint={
              <>
                Enter the last part of each book's address, such as <code>summer-party</code>. The book at{' '}
                <code>/</code> is <code>main</code>. Put spaces between the books. Later, only the owner can change the
                books.
              </>
            }
            value={fields.books}
          />
        </Fold>
      )}
      <Input
        name="description"
        label="Who are you? Only the owner sees this"
        counted={200}
        value={fields.description}
      />
    </>
  )
}

import { type Child, useContext } from '#jsx'
import { Help, HelpParagraph } from '../../kit/html/help'
import { ActLink } from '../../kit/html/list'
import { Card } from '../../kit/html/parts/card'
import { Input } from '../../kit/html/parts/fields'
import { Fold, Submit } from '../../kit/html/parts/form'
import { Refused } from '../../kit/html/parts/refused'
import { spanOf } from '../../kit/lib/time'
import { TypeCheck, UrlInput } from '../endpoints/form-views'
import { MAX_PER_HOST } from '../endpoints/self-registered'
import { CHALLENGE_MS } from '../rules/delivering/outcome'
import { EVENT_TYPES } from '../rules/events/catalogue'
import type { ChallengeShown } from './challenge'
import { ChallengeReport, WaitingForAnswer } from './challenge-views'
import { IntegratorPage } from './frame'
import { type GuideProps, GuideView } from './guide/views'
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
        <Help of="register.lead" /> {!isRefused && <ActLink href="#register">Go to the form</ActLink>}
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
  if (challenge) return <Help of="refused.challenge" />
  return useContext(Refused)?.left.length ? <Help of="refused.form" /> : undefined
}

function RegisterForm({ mode, fields }: RegisterProps) {
  return (
    <Card action="/webhooks" id="register" title="Register your URL">
      <HelpParagraph of="register.what" max={MAX_PER_HOST} />
      <RegistrationInputs fields={fields} />
      {mode === 'approve' && <HelpParagraph of="register.approve" class="hint" />}
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
        hint={isEdit ? <Help of="edit.url" time={time} /> : <Help of="register.url" time={time} />}
      />
      <fieldset>
        <legend>Events</legend>
        {EVENT_TYPES.filter(({ name }) => PUBLIC_TYPES.some((type) => type === name)).map((type) => (
          <TypeCheck {...type} chosen={fields.event_types} />
        ))}
      </fieldset>
      {!isEdit && (
        <Fold summary="Only some books…" open={fields.books !== ''}>
          <Input name="books" label="Books" hint={<Help of="register.books" />} value={fields.books} />
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

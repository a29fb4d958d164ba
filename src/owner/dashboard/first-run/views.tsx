import type { Child, PropsWithChildren } from '#jsx'
import { DemoControls } from '../../../guestbook/books/demo-views'
import { Status } from '../../../kit/html/dashboard'
import { ActLink } from '../../../kit/html/list'
import { Section } from '../../../kit/html/parts/card'
import { ButtonForm } from '../../../kit/html/parts/form'
import { DASHBOARD } from '../../../kit/lib/paths'
import { ReceiverButton } from '../../../webhooks/endpoints/built-in-views'
import type { FirstSteps } from './steps'

/** The first three steps of a new owner, each with its button. What is done folds away. */
export function FirstStepsCard({ steps }: { steps: FirstSteps }) {
  const { hasEntry, hasEndpoint, hasArrived } = steps
  const isDone = hasEntry && hasEndpoint && hasArrived
  if (!isDone)
    return (
      <Section id="first-steps" class="card first-steps" title="First steps">
        <Steps steps={steps} />
        <Rest steps={steps} />
      </Section>
    )
  return (
    <details id="first-steps" class="card first-steps">
      <summary>
        <h2>First steps: done</h2>
      </summary>
      <Done steps={steps} />
      <Rest steps={steps} />
    </details>
  )
}

function Rest({ steps }: { steps: FirstSteps }) {
  return (
    <>
      <DemoControls exists={steps.hasDemo} />
      <ButtonForm action={`${DASHBOARD.firstSteps}/hide`} label="Hide these steps" kind="link" />
    </>
  )
}

function Steps({ steps }: { steps: FirstSteps }) {
  const { hasEntry, hasEndpoint, hasArrived } = steps
  const sign = (
    <ActLink href="/#sign" isPrimary>
      Sign the book
    </ActLink>
  )
  return (
    <>
      <p>See in three steps how an entry becomes a webhook. You do not need a server.</p>
      <ol>
        <Step title="Sign your book" isDone={hasEntry} act={sign}>
          Write an entry as a guest would. If it waits for your approval, approve it under{' '}
          <a href={DASHBOARD.entries}>Entries</a>.
        </Step>
        <Step
          title="Register a receiver"
          isDone={hasEndpoint}
          act={steps.receiver === null && <ReceiverButton isPrimary={hasEntry && !hasEndpoint} from="overview" />}
        >
          A receiver is a program that gets your webhooks. This one is part of Guesthook: it verifies each signature,
          and shows you what arrived.
        </Step>
        <Step title="See it arrive" isDone={hasArrived} act={<ArriveLink steps={steps} />}>
          {hasEndpoint ? (
            <>
              A new receiver gets only new events. <a href="/#sign">Sign the book again</a>
              {steps.receiver && ', or send an example'}. The webhook arrives within seconds: reload this page to see
              it.
            </>
          ) : (
            'Look at the headers, the body and the signature.'
          )}
        </Step>
      </ol>
    </>
  )
}

function Step({ title, isDone, act, children }: PropsWithChildren<{ title: string; isDone: boolean; act: Child }>) {
  return (
    <li>
      <div>
        <b>{title}</b> {isDone && <Status value="done" />}
        {!isDone && <div class="small">{children}</div>}
      </div>
      {!isDone && act}
    </li>
  )
}

function ArriveLink({ steps: { hasArrived, receiver, inbound_id } }: { steps: FirstSteps }) {
  if (hasArrived)
    return (
      <ActLink href={inbound_id === null ? DASHBOARD.messages : `${DASHBOARD.requests}/${inbound_id}`} isPrimary>
        Look at it
      </ActLink>
    )
  if (receiver === null) return null
  const test = { action: `${DASHBOARD.endpoints}/${receiver.endpoint_id}/test`, hidden: { type: 'comment.published' } }
  return <ButtonForm {...test} label="Send an example" kind="primary" />
}

function Done({ steps }: { steps: FirstSteps }) {
  return (
    <>
      <p>You have signed your book and registered a receiver, and your first webhook has arrived.</p>
      <p>
        <ArriveLink steps={steps} />
      </p>
      <h3>Where to go next</h3>
      <ul>
        <li>
          <a href={`${DASHBOARD.endpoints}/new`}>Get a message when somebody signs</a>:{' '}
          <a href="/docs/notifications">by e-mail, on your phone or in a chat</a>, or at a URL of your own.
        </li>
        <li>
          <a href={`${DASHBOARD.books}/main`}>Give your book a title and a theme</a>, and decide which entries wait for
          your approval.
        </li>
        <li>
          <a href={`${DASHBOARD.books}/main/embed`}>Put the book on your site</a>.
        </li>
        <li>
          <a href={`${DASHBOARD.sources}/new`}>Receive webhooks</a> from GitHub, Stripe and others.
        </li>
      </ul>
    </>
  )
}

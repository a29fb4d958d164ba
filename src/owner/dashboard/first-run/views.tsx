import type { Child, PropsWithChildren } from '#jsx'
import { DemoControls } from '../../../guestbook/books/demo-views'
import { Status } from '../../../kit/html/dashboard'
import { Help, HelpParagraph } from '../../../kit/html/help'
import { ActLink } from '../../../kit/html/list'
import { Section } from '../../../kit/html/parts/card'
import { ButtonForm } from '../../../kit/html/parts/form'
import { ReceiverButton } from '../../../webhooks/endpoints/built-in/views'
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
      <ButtonForm action="/admin/first-steps/hide" label="Hide these steps" kind="link" />
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
      <HelpParagraph of="steps.lead" />
      <ol>
        <Step title="Sign your book" isDone={hasEntry} act={sign}>
          <Help of="steps.sign" />
        </Step>
        <Step
          title="Register a receiver"
          isDone={hasEndpoint}
          act={steps.receiver === null && <ReceiverButton isPrimary={hasEntry && !hasEndpoint} from="overview" />}
        >
          <Help of="steps.receiver" />
        </Step>
        <Step title="See it arrive" isDone={hasArrived} act={<ArriveLink steps={steps} />}>
          {hasEndpoint ? (
            <>
              <Help of="first.new_events" />
              {steps.receiver && ', or send an example'}. <Help of="first.arrives" />
            </>
          ) : (
            <Help of="steps.arrive" />
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
      <ActLink href={inbound_id === null ? '/admin/messages' : `/admin/inbound/${inbound_id}`} isPrimary>
        Look at it
      </ActLink>
    )
  if (receiver === null) return null
  const test = { action: `/admin/endpoints/${receiver.endpoint_id}/test`, hidden: { type: 'comment.published' } }
  return <ButtonForm {...test} label="Send an example" kind="primary" />
}

function Done({ steps }: { steps: FirstSteps }) {
  return (
    <>
      <HelpParagraph of="steps.done" />
      <p>
        <ArriveLink steps={steps} />
      </p>
      <h3>Where to go next</h3>
      <ul>
        {(['next.1', 'next.2', 'next.3', 'next.4'] as const).map((name) => (
          <li>
            <Help of={name} />
          </li>
        ))}
      </ul>
    </>
  )
}

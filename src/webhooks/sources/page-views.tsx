import { formatBytes } from '../../kit/html/bytes'
import { Confirm } from '../../kit/html/confirm'
import { Dashboard, Empty, Secret, Status } from '../../kit/html/dashboard'
import { ActLink } from '../../kit/html/list'
import { Card, Section } from '../../kit/html/parts/card'
import { ButtonForm, Form, Hidden, Submit } from '../../kit/html/parts/form'
import { UserText } from '../../kit/html/user-text'
import { DASHBOARD } from '../../kit/lib/paths'
import { aSpanOf, DAY_MS, spanOf } from '../../kit/lib/time'
import type { Remedy } from '../receive/inspector/remedy'
import { InboundTable } from '../receive/inspector/views'
import { explainUnusable, nameReason } from '../receive/messages/explain-reason'
import type { KeptCount, ListedInbound } from '../receive/messages/queries'
import { type RecentRequests, shownRequestStatus } from '../receive/messages/recent-requests'
import type { ProviderTexts } from '../rules/verifying/scheme'
import { SOURCE_CACHE_MS } from './cache'
import { ACTS } from './fields'
import { type InputsProps, SourceInputs } from './form-views'
import { shareOf } from './list-views'
import type { TemplatePreview } from './preview'
import { Logo, SetupSteps } from './provider-views'
import type { SourceOut } from './schemas'
import { lacksSecret, SourceSecretCard, WithoutSecret, wordFor } from './secret-views'

interface SourceProps extends InputsProps {
  source: SourceOut
  texts: ProviderTexts
  /** True if the source's secret cannot be used to verify signatures. */
  isUnusable: boolean
  secret: string | undefined
  latest: ListedInbound[]
  recent: RecentRequests
  kept: KeptCount
  /** How to fix it, if the latest requests failed. */
  remedy: Remedy | null
  /** The last request that failed, and what its reason means. */
  why: { id: string; text: string } | null
  preview?: TemplatePreview | undefined
  error?: string | undefined
  now: number
}

export function SourcePage(props: SourceProps) {
  const { source, provider } = props
  const status = shownRequestStatus(source, props.recent)
  return (
    <Dashboard title={source.name} section={DASHBOARD.sources} crumbs={[]} error={props.error}>
      <p class="lead">
        <Logo name={provider.name} /> <Status value={status} /> {provider.name} · {ACTS[source.act].label}
      </p>
      {status === 'failing' && <FailingBanner {...props} />}
      <div class="columns">
        <UrlCard {...props} />
        {provider.slug !== 'unsigned' && <SourceSecretCard {...props} />}
      </div>
      <Latest {...props} />
      <SettingsForm {...props} />
      <DangerSection source={source} />
    </Dashboard>
  )
}

/** Says why the requests fail, and how to fix it. Once it is fixed, the owner only has to process them again. */
function FailingBanner({ source, provider, texts, recent, remedy, why }: SourceProps) {
  const { reason } = recent
  return (
    <section class="card health">
      <div class="heading">
        <h2>
          {shareOf(recent)} requests failed{reason && `: ${nameReason(reason, provider)}`}
        </h2>
        {remedy ? (
          <ActLink href={`#${remedy.at}`} isPrimary>
            {remedy.label.replace('secret', wordFor(texts))}
          </ActLink>
        ) : (
          <ReprocessForm source={source} kind="primary" />
        )}
      </div>
      {why && (
        <p>
          {why.text} <a href={`${DASHBOARD.requests}/${why.id}`}>See the last request that failed</a>
        </p>
      )}
    </section>
  )
}

function ReprocessForm({ source, kind }: { source: SourceOut; kind?: 'primary' }) {
  return (
    <ButtonForm action={`${DASHBOARD.sources}/${source.id}/replay`} label="Reprocess failed requests" kind={kind} />
  )
}

function UrlCard({ source, provider, texts, isUnusable, recent, error }: SourceProps) {
  const isLacking = lacksSecret(source, provider)
  const enter = (
    <>
      Enter the <a href="#new-secret">{wordFor(texts)}</a>.
    </>
  )
  return (
    <Card title="Webhook URL" id="setup">
      <Secret text={source.url} label="Copy the URL" />
      <SetupSteps {...{ provider, texts }}>{isLacking && !texts.isLate && <li>{enter}</li>}</SetupSteps>
      {provider.secret.by !== 'nobody' && (
        <p class="hint">Anyone who knows the URL can post to it, so treat the URL as a secret.</p>
      )}
      {isUnusable && !error && <p class="notice bad">{explainUnusable(provider, texts)}</p>}
      {isLacking && (
        <p class="notice bad">
          {enter} <WithoutSecret {...provider} />
        </p>
      )}
      <SampleForm source={source} isNext={!isLacking && shownRequestStatus(source, recent) !== 'failing'} />
    </Card>
  )
}

/** A sample that would publish an entry asks first. */
function SampleForm({ source, isNext }: { source: SourceOut; isNext: boolean }) {
  const action = `${DASHBOARD.sources}/${source.id}/sample`
  if (source.act === 'sign')
    return (
      <Confirm
        action={action}
        label="Send it and sign the guestbook"
        summary="Send a sample"
        help={
          <>
            The sample is treated like a real request, so it adds an entry to your guestbook, which you can delete. To
            see the entry first, look at the preview below.
          </>
        }
      />
    )
  return (
    <Form action={action}>
      <Submit kind={isNext ? 'primary' : undefined} label="Send a sample" />{' '}
      <span class="hint">The sample is treated like a real request: this source will {ACTS[source.act].effect}.</span>
    </Form>
  )
}

function Latest({ source, latest, recent, kept, remedy, now }: SourceProps) {
  const isAbove = shownRequestStatus(source, recent) === 'failing' && remedy === null
  const list = `${DASHBOARD.requests}?source=${source.id}`
  const live = {
    'data-live': `${list}&part=rows`,
    'data-page': `${DASHBOARD.sources}/${source.id}`,
    'data-live-seconds': 10,
  }
  return (
    <Section title="Latest requests" act={<a href={list}>View all</a>} {...live}>
      {latest.length === 0 ? (
        <Empty>
          <b>No requests yet.</b> Requests to this source appear here, each with its headers, its body and the result of
          the signature check. Enter the URL in the provider's settings, or send a sample.
        </Empty>
      ) : (
        <InboundTable rows={latest} now={now} />
      )}
      {kept.messages > 0 && <Storage source={source} kept={kept} />}
      {!isAbove && latest.some(({ status }) => status === 'failed') && <ReprocessForm source={source} />}
    </Section>
  )
}

function Storage({ source, kept }: Pick<SourceProps, 'source' | 'kept'>) {
  const days = source.body_retention_days ?? source.retention_days
  return (
    <p class="hint">
      {kept.hasMore && 'Latest '}
      {kept.messages === 1 ? '1 request' : `${kept.messages} requests`}: {formatBytes(kept.bytes)} of bodies, kept for{' '}
      {spanOf(days * DAY_MS)}.
    </p>
  )
}

function SettingsForm({ source, provider, form, books, preview }: SourceProps) {
  const path = `${DASHBOARD.sources}/${source.id}`
  return (
    <Card title="Settings" action={path} id="change">
      <SourceInputs {...{ provider, form, books }}>{preview && <PreviewNotice preview={preview} />}</SourceInputs>
      <Hidden fields={{ seen: form.get('seen') ?? '' }} />
      <Submit kind="primary" label="Save" />
      <Submit formaction={`${path}/preview#preview`} label="Preview entry" />
    </Card>
  )
}

function PreviewNotice({ preview }: { preview: TemplatePreview }) {
  const { holds, name, body, website, errors, inbound_id } = preview
  return (
    <div class="notice" id="preview" role="status">
      <p class="small">
        Preview with {inbound_id ? <a href={`${DASHBOARD.requests}/${inbound_id}`}>the latest request</a> : 'a sample'}.
        The guestbook was not signed.
      </p>
      {!holds && <p>The condition is false, so the guestbook would not be signed.</p>}
      {errors.map((error) => (
        <p class="bad">
          <UserText text={error} />
        </p>
      ))}
      {name !== null && (
        <p>
          <b>
            <UserText text={name || '(no name)'} />
          </b>{' '}
          {website && (
            <span class="small">
              <UserText text={website} />
            </span>
          )}
        </p>
      )}
      {body !== null && (
        <p class="words" dir="auto">
          {body || '(no text)'}
        </p>
      )}
    </div>
  )
}

/** The buttons that pause, resume or delete a source, or rotate its URL. */
function DangerSection({ source }: { source: SourceOut }) {
  const path = `${DASHBOARD.sources}/${source.id}`
  const isPaused = source.status === 'paused'
  return (
    <section>
      <Form action={`${path}/${isPaused ? 'resume' : 'pause'}`}>
        <Submit label={isPaused ? 'Resume' : 'Pause'} />{' '}
        <span class="hint">
          {isPaused
            ? 'Requests received in the meantime will then be processed.'
            : 'New requests will be stored, and processed when you resume the source.'}
        </span>
      </Form>
      <Confirm action={`${path}/url`} label="Rotate URL" isCard>
        Use this if the URL has leaked. The old URL stops working within {aSpanOf(SOURCE_CACHE_MS)}. Enter the new URL
        in the provider's settings.
      </Confirm>
      <Confirm action={`${path}/delete`} label="Delete source" isCard>
        The URL stops working within {aSpanOf(SOURCE_CACHE_MS)}, and no further requests are processed. Received
        requests are kept for their retention period.
      </Confirm>
    </section>
  )
}

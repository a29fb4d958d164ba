import type { Child } from '#jsx'
import { SCOPES } from '../../kit/actor'
import { Confirm } from '../../kit/html/confirm'
import { Secret } from '../../kit/html/dashboard'
import { EmptyList } from '../../kit/html/list'
import { Card } from '../../kit/html/parts/card'
import { Check, Input, Select } from '../../kit/html/parts/fields'
import { Form, Submit } from '../../kit/html/parts/form'
import { type Column, Table } from '../../kit/html/parts/table'
import { RelativeTime } from '../../kit/html/time'
import { UserText } from '../../kit/html/user-text'
import { DASHBOARD } from '../../kit/lib/paths'
import { readScopes, SCOPE_WORDS } from '../scopes'
import { EXPIRES_DAYS, type KeyFields } from './form'
import { KEY_NAME_MAX } from './schemas'
import { isExpired, type KeyRow, MAX_KEYS } from './store'

/** A key that has just been created. */
type NewKey = { name: string; key: string }

export interface KeysProps {
  keys: KeyRow[]
  fields: KeyFields
  created: NewKey | undefined
  now: number
}

export function KeysCard({ keys, fields, created, now }: KeysProps) {
  return (
    <Card id="keys" title="API keys">
      <p>
        A program that uses the API needs a key, and a key can do only what its scopes allow. Send the key as{' '}
        <code>{'Authorization: Bearer <key>'}</code>. The admin token also works, but it grants full access.
      </p>
      {created && <CreatedKey {...created} />}
      <Table
        columns={columnsAt(now)}
        rows={keys}
        empty={
          <EmptyList
            title="No API keys yet."
            help={
              <>
                Give each program a key of its own. Then the audit log shows what each program did, and you can revoke
                one key without the others. Create one below.
              </>
            }
          />
        }
      />
      {keys.length < MAX_KEYS ? (
        <NewKeyForm fields={fields} />
      ) : (
        <p class="hint">There can be at most {MAX_KEYS} keys. Revoke one that you no longer use.</p>
      )}
    </Card>
  )
}

function CreatedKey({ name, key }: NewKey) {
  return (
    <div class="notice good" role="status">
      <p>
        Created the key “<UserText text={name} />
        ”. Copy it now. You will not be able to see it again.
      </p>
      <Secret text={key} label="Copy the API key" />
    </div>
  )
}

function columnsAt(now: number): Column<KeyRow>[] {
  const time = (at: number | null) => (at === null ? 'never' : <RelativeTime at={at} now={now} />)
  return [
    { head: 'Name', cell: (row) => <KeyName {...row} /> },
    { head: 'Scopes', cell: ({ scopes }) => readScopes(scopes).join(', ') },
    { head: 'Created', cell: ({ created_at }) => time(created_at) },
    { head: 'Last used', cell: ({ last_used_at }) => time(last_used_at) },
    {
      head: 'Expires',
      cell: (row) => (
        <>
          {isExpired(row, now) && <b>expired </b>}
          {time(row.expires_at)}
        </>
      ),
    },
    { head: <span class="small">Revoke</span>, cell: Revocation },
  ]
}

function KeyName({ id, name }: KeyRow) {
  return (
    <>
      <UserText text={name} />
      <br />
      <a class="small" href={`${DASHBOARD.auditLog}?actor=key:${id}`} title="Changes made with this key">
        <code>{id}</code>
      </a>
    </>
  )
}

function Revocation({ id }: KeyRow) {
  return (
    <Confirm
      action={`${DASHBOARD.access}/keys/${id}/revoke`}
      label="Revoke"
      help="Programs that use this key stop working at once. This cannot be undone."
    />
  )
}

const EXPIRES = [...EXPIRES_DAYS.map((days) => [days, `in ${days} days`] as const), ['never', 'never'] as const]

function NewKeyForm({ fields }: Pick<KeysProps, 'fields'>) {
  return (
    <Form action={`${DASHBOARD.access}/keys`}>
      <h3>New key</h3>
      <Input name="name" label="Name" required counted={KEY_NAME_MAX} value={fields.name} placeholder="Backup script" />
      <fieldset>
        <legend>Scopes</legend>
        {SCOPES.map((scope) => (
          <Check name="scopes" value={scope} checked={fields.scopes.includes(scope)} label={textOf(scope)} />
        ))}
      </fieldset>
      <Select name="expires" label="Expires" choices={EXPIRES} value={fields.expires} />
      <Submit kind="primary" label="Create key" />
    </Form>
  )
}

function textOf(scope: (typeof SCOPES)[number]): Child {
  return (
    <>
      <b>{scope}</b>: {SCOPE_WORDS[scope]}
    </>
  )
}

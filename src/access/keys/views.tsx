import { SCOPES } from '../../kit/actor'
import { Confirm } from '../../kit/html/confirm'
import { CopyButton } from '../../kit/html/dashboard'
import { EmptyList } from '../../kit/html/list'
import { RelativeTime } from '../../kit/html/time'
import { UserText } from '../../kit/html/user-text'
import { readScopes, SCOPE_WORDS } from '../scopes'
import { EXPIRES_DAYS, type KeyFields } from './form'
import { NAME_MAX } from './schemas'
import { isExpired, type KeyRow, MAX_KEYS } from './store'

/** A key that has just been created. */
export interface NewKey {
  name: string
  key: string
}

function NoKeys() {
  return (
    <EmptyList title="No API keys yet.">
      Give each program a key of its own. Then the audit log shows what each program did, and you can revoke one key
      without the others. Create one below.
    </EmptyList>
  )
}

interface KeysProps {
  keys: KeyRow[]
  fields: KeyFields
  created: NewKey | undefined
  now: number
}

export function KeysCard({ keys, fields, created, now }: KeysProps) {
  return (
    <section class="card" id="keys">
      <h2>API keys</h2>
      <p>
        A program that uses the API needs a key, and a key can do only what its scopes allow. Send it as{' '}
        <code>Authorization: Bearer &lt;key&gt;</code>. The admin token works there, too, but it has all rights.
      </p>
      {created && <CreatedKey {...created} />}
      {keys.length === 0 ? <NoKeys /> : <KeyTable keys={keys} now={now} />}
      {keys.length < MAX_KEYS ? (
        <NewKeyForm fields={fields} />
      ) : (
        <p class="hint">There can be at most {MAX_KEYS} keys. Revoke one that is not used any more.</p>
      )}
    </section>
  )
}

function CreatedKey({ name, key }: NewKey) {
  return (
    <div class="notice good" role="status">
      <p>
        Created the key “<UserText text={name} />
        ”. Copy it now. You will not be able to see it again.
      </p>
      <p class="secret">
        <code>{key}</code> <CopyButton text={key} label="Copy the API key" />
      </p>
    </div>
  )
}

function KeyTable({ keys, now }: Pick<KeysProps, 'keys' | 'now'>) {
  return (
    <table>
      <thead>
        <tr>
          <th>Name</th>
          <th>Scopes</th>
          <th>Created</th>
          <th>Last used</th>
          <th>Expires</th>
          <th>
            <span class="small">Revoke</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {keys.map((row) => (
          <KeyLine row={row} now={now} />
        ))}
      </tbody>
    </table>
  )
}

function KeyLine({ row, now }: { row: KeyRow; now: number }) {
  const { id, name, scopes, created_at, last_used_at, expires_at } = row
  return (
    <tr>
      <td>
        <UserText text={name} />
        <br />
        <a class="small" href={`/admin/access/audit?actor=key:${id}`} title="What was done with this key">
          <code>{id}</code>
        </a>
      </td>
      <td data-label="Scopes">{readScopes(scopes).join(', ')}</td>
      <td data-label="Created">
        <RelativeTime at={created_at} now={now} />
      </td>
      <td data-label="Last used">{last_used_at === null ? 'never' : <RelativeTime at={last_used_at} now={now} />}</td>
      <td data-label="Expires">
        {isExpired(row, now) && <b>expired </b>}
        {expires_at === null ? 'never' : <RelativeTime at={expires_at} now={now} />}
      </td>
      <td>
        <Confirm action={`/admin/access/keys/${id}/revoke`} label="Revoke">
          Programs that use this key stop working at once. This cannot be undone.
        </Confirm>
      </td>
    </tr>
  )
}

function NewKeyForm({ fields }: Pick<KeysProps, 'fields'>) {
  return (
    <form method="post" action="/admin/access/keys#keys">
      <h3>New key</h3>
      <label for="name">Name</label>
      <input id="name" name="name" required maxlength={NAME_MAX} value={fields.name} placeholder="Backup script" />
      <fieldset>
        <legend>Scopes</legend>
        {SCOPES.map((scope) => (
          <label class="check">
            <input type="checkbox" name="scopes" value={scope} checked={fields.scopes.includes(scope)} /> <b>{scope}</b>
            : {SCOPE_WORDS[scope]}
          </label>
        ))}
      </fieldset>
      <label for="expires">Expires</label>
      <select id="expires" name="expires">
        {EXPIRES_DAYS.map((days) => (
          <option value={String(days)} selected={fields.expires === String(days)}>
            in {days} days
          </option>
        ))}
        <option value="never" selected={fields.expires === 'never'}>
          never
        </option>
      </select>
      <button class="primary" type="submit">
        Create key
      </button>
    </form>
  )
}

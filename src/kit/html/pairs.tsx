import type { Child } from '#jsx'
import { UserCode } from './user-text'

export type NamedPart = readonly [name: string, value: Child]

/** Names, and what belongs to each. Null is left out. */
export function Steps({ pairs, class: look = 'steps' }: { pairs: readonly (NamedPart | null)[]; class?: string }) {
  return (
    <dl class={look}>
      {pairs
        .filter((step) => step !== null)
        .map(([name, value]) => (
          <>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </>
        ))}
    </dl>
  )
}

/** A table of names and values. Renders nothing if there are no pairs. */
export function Pairs({ title, pairs }: { title: string; pairs: [string, string][] }) {
  if (pairs.length === 0) return null
  return (
    <>
      <h3>{title}</h3>
      <table class="pairs">
        <tbody>
          {pairs.map(([name, value]) => (
            <tr>
              <th scope="row">
                <UserCode text={name} />
              </th>
              <td>
                <UserCode text={value} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  )
}

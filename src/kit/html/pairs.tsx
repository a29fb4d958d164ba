import { UserCode } from './user-text'

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

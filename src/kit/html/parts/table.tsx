import { type Child, useContext } from '#jsx'
import { Address, rowsOf } from '../contexts/address'

/** What a table shows of each row. On a phone, each row is a card without the heads of the columns. */
export interface Column<Row> {
  head: Child
  cell: (row: Row) => Child
  class?: 'wide' | 'wrap'
  /** The label before the cell on a phone; none if null. Defaults to the head, except for the first and wide cells. */
  label?: string | null
}

interface TableProps<Row> {
  columns: readonly Column<Row>[]
  rows: readonly Row[]
  /** Whether dashboard.js keeps the first page of the list up to date: the page answers `?part=rows` with `Rows`. */
  isLive?: boolean
  /** What is shown instead of a table without rows. */
  empty?: Child
}

export function Table<Row>({ columns, rows, isLive = false, empty }: TableProps<Row>) {
  const address = useContext(Address)
  if (empty && rows.length === 0) return empty
  const live = (isLive && rowsOf(address)) || undefined
  return (
    <table>
      <thead>
        <tr>
          {columns.map(({ head }) => (
            <th>{head}</th>
          ))}
        </tr>
      </thead>
      <tbody data-live={live}>
        <Rows columns={columns} rows={rows} />
      </tbody>
    </table>
  )
}

/** The rows of a table alone. */
export function Rows<Row>({ columns, rows }: Pick<TableProps<Row>, 'columns' | 'rows'>) {
  return rows.map((row) => (
    <tr>
      {columns.map((column, i) => (
        <td class={column.class} data-label={labelOf(column, i)}>
          {column.cell(row)}
        </td>
      ))}
    </tr>
  ))
}

function labelOf<Row>({ head, class: width, label }: Column<Row>, i: number): string | undefined {
  if (label !== undefined) return label ?? undefined
  return i > 0 && width !== 'wide' && typeof head === 'string' ? head : undefined
}

import { type Choice, type FilterField, FilterForm } from '../../../kit/html/parts/filter'
import type { SourceRow } from '../../sources/store'
import type { TypedFilter } from './filter'
import { STATUSES } from './schemas'

interface FilterProps {
  typed: TypedFilter['typed']
  sources: SourceRow[]
  /** The path of the list. */
  action: string
}

export function InboundFilterForm({ typed, sources, action }: FilterProps) {
  const fields: FilterField<keyof TypedFilter['typed']>[] = [
    { name: 'q', label: 'Search', type: 'search', placeholder: 'Source, type, ID, body' },
    { name: 'source', label: 'Source', choices: sourceChoices(sources, typed.source), isQuick: true },
    { name: 'status', label: 'Status', choices: STATUSES.map((status): Choice => [status, status]) },
    { name: 'type', label: 'Event type' },
  ]
  return <FilterForm action={action} fields={fields} typed={typed} />
}

/** If the list of sources does not contain the chosen source, that source is offered by its id. */
function sourceChoices(sources: SourceRow[], chosen: string): Choice[] {
  const choices = sources.map(({ id, name }): Choice => [id, name])
  const isListed = chosen === '' || sources.some(({ id }) => id === chosen)
  return isListed ? choices : [[chosen, chosen], ...choices]
}

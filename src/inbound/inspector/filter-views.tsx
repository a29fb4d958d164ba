import type { SourceRow } from '../sources/store'
import type { TypedFilter } from './filter'
import { STATUSES } from './schemas'

interface FilterProps {
  typed: TypedFilter['typed']
  sources: SourceRow[]
  /** The path of the list. */
  action: string
}

export function FilterForm({ typed, sources, action }: FilterProps) {
  const statuses = STATUSES.map((status): Choice => [status, status])
  return (
    <form class="filters" method="get" action={action}>
      <Select name="source" label="Source" value={typed.source} choices={sourceChoices(sources, typed.source)} />
      <Select name="status" label="Status" value={typed.status} choices={statuses} />
      <Input name="type" label="Event type" value={typed.type} />
      <Input name="q" label="Search" value={typed.q} type="search" placeholder="ID, event type, fields, body" />
      <Input name="since" label="From (UTC)" value={typed.since} type="datetime-local" />
      <Input name="until" label="To (UTC)" value={typed.until} type="datetime-local" />
      <button type="submit">Filter</button>
    </form>
  )
}

type Choice = [value: string, label: string]

/** The list of sources may lack the chosen one, which is then offered by its id. */
function sourceChoices(sources: SourceRow[], chosen: string): Choice[] {
  const choices = sources.map(({ id, name }): Choice => [id, name])
  const isListed = chosen === '' || sources.some(({ id }) => id === chosen)
  return isListed ? choices : [[chosen, chosen], ...choices]
}

interface InputProps {
  name: string
  label: string
  value: string
  type?: string
  placeholder?: string
}

function Input({ name, label, value, type = 'text', placeholder }: InputProps) {
  return (
    <div>
      <label for={name}>{label}</label>
      <input id={name} name={name} type={type} value={value} maxlength={255} placeholder={placeholder} />
    </div>
  )
}

interface SelectProps {
  name: string
  label: string
  value: string
  choices: Choice[]
}

function Select({ name, label, value, choices }: SelectProps) {
  return (
    <div>
      <label for={name}>{label}</label>
      <select id={name} name={name}>
        <option value="">All</option>
        {choices.map(([choice, text]) => (
          <option value={choice} selected={choice === value}>
            {text}
          </option>
        ))}
      </select>
    </div>
  )
}

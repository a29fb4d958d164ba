import { isolated } from '../../core/lib/bidi'
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
      <Select name="source" label="Source" typed={typed} choices={sourceChoices(sources, typed.source)} />
      <Select name="status" label="Status" typed={typed} choices={statuses} />
      <Input name="type" label="Event type" typed={typed} />
      <Input name="q" label="Search" typed={typed} type="search" placeholder="ID, event type, fields, body" />
      <Input name="since" label="From (UTC)" typed={typed} type="datetime-local" />
      <Input name="until" label="To (UTC)" typed={typed} type="datetime-local" />
      <button type="submit">Filter</button>
    </form>
  )
}

type Choice = [value: string, label: string]

/** If the list of sources does not contain the chosen source, that source is offered by its id. */
function sourceChoices(sources: SourceRow[], chosen: string): Choice[] {
  const choices = sources.map(({ id, name }): Choice => [id, name])
  const isListed = chosen === '' || sources.some(({ id }) => id === chosen)
  return isListed ? choices : [[chosen, chosen], ...choices]
}

interface InputProps {
  name: keyof TypedFilter['typed']
  label: string
  typed: TypedFilter['typed']
}

function Input({ name, label, typed, ...more }: InputProps & { type?: string; placeholder?: string }) {
  return (
    <div>
      <label for={name}>{label}</label>
      <input id={name} name={name} value={typed[name]} maxlength={255} {...more} />
    </div>
  )
}

function Select({ name, label, typed, choices }: InputProps & { choices: Choice[] }) {
  return (
    <div>
      <label for={name}>{label}</label>
      <select id={name} name={name}>
        <option value="">All</option>
        {choices.map(([choice, text]) => (
          <option value={choice} selected={choice === typed[name]}>
            {isolated(text)}
          </option>
        ))}
      </select>
    </div>
  )
}

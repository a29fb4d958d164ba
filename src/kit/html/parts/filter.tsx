import { useContext } from '#jsx'
import { isolated } from '../../lib/text/bidi'
import { Address, filteredBy } from '../contexts/address'
import { LIST } from '../list'
import { ExactTime } from '../time'
import { FILTER_RANGES, MAX_TYPED, readTypedTime, TIME_NAMES } from '../typed-filter'
import { UserText } from '../user-text'
import { Input, Select } from './fields'
import { Form, Hidden, Submit } from './form'

/*
 * The filter above a list: a search, links that set or remove a filter, and other fields, folded. It is in the URL, so
 * a filtered list can be sent to others. A list whose `typed` filter has a `range` can be filtered by time.
 */

export type Choice = [value: string, label: string]

export interface FilterField<Name extends string> {
  name: Name
  label: string
  type?: 'search' | 'datetime-local'
  placeholder?: string
  maxlength?: number
  /** What is suggested, in a list with the id `list`. */
  suggestions?: readonly string[]
  list?: string
  /** Offered besides "All", or what `none` calls the list without a choice. */
  choices?: Choice[]
  none?: string
  /** The choice that lists everything, if the list without a choice does not: a link says so, and chooses this. */
  whole?: string
  /** Whether the first choices have links that take one click. */
  isQuick?: boolean
}

interface FilterFormProps<Name extends string> {
  /** The path of the list. */
  action: string
  fields: FilterField<Name>[]
  typed: Record<Name, string>
  /** The id of the list. */
  at?: string
}

/** dashboard.js shows and reads these in the time zone of the browser. */
const TIMES: FilterField<string>[] = [
  { name: 'since', label: 'From', type: 'datetime-local' },
  { name: 'until', label: 'To', type: 'datetime-local' },
]

/** How many choices of a field have links of their own. */
const MAX_QUICK = 6

export function FilterForm<Name extends string>({ action, typed, at = LIST, ...props }: FilterFormProps<Name>) {
  const values: Record<string, string> = typed
  const hasTimes = values.range !== undefined
  const given: FilterField<string>[] = props.fields
  const fields = hasTimes ? [...given, ...TIMES] : given
  const search = given.find(({ type }) => type === 'search')
  const folded = fields.filter((field) => field !== search)
  return (
    <Form class="filters" method="get" action={`${action}#${at}`}>
      {values.range && <Hidden fields={{ range: values.range }} />}
      {search && (
        <div class="search">
          <FilterInput {...search} value={values[search.name] ?? ''} />
          <Submit label="Search" />
        </div>
      )}
      <Links {...{ fields, values, hasTimes, at }} />
      {Object.values(values).some((text) => text !== '') && <a href={`${action}#${at}`}>Clear</a>}
      {folded.length > 0 && <FoldedFields fields={folded} values={values} />}
      {hasTimes && (
        <span class="hint" data-utc>
          Times are in UTC.
        </span>
      )}
      <p class="hint keys" data-keys hidden>
        {search ? (
          <>
            Keys: <code>j</code> and <code>k</code> go down and up, <code>Enter</code> opens, <code>/</code> searches.
          </>
        ) : (
          <>
            Keys: <code>j</code> and <code>k</code> go down and up, <code>Enter</code> opens.
          </>
        )}
      </p>
    </Form>
  )
}

type FieldsProps = { fields: FilterField<string>[]; values: Record<string, string> }

/** The fields for which there is no link. */
function FoldedFields({ fields, values }: FieldsProps) {
  return (
    <details>
      <summary>More filters</summary>
      <div class="fields">
        {fields.map((field) => (
          <div>
            <FilterInput {...field} value={values[field.name] ?? ''} />
          </div>
        ))}
        <Submit label="Filter" />
      </div>
    </details>
  )
}

/** One link that sets a filter, or removes it if it `isSet`. */
interface Link {
  text: string
  /** Without any, the link leads to the fields of a time. */
  changes?: Record<string, string>
  isSet: boolean
  /** The start or the end of a range of one's own, in epoch milliseconds. */
  time?: number | undefined
}

const NO_TIME = Object.fromEntries(TIME_NAMES.map((name) => [name, '']))

function Links({ fields, values, hasTimes, at }: FieldsProps & { hasTimes: boolean; at: string }) {
  const address = useContext(Address)
  const times = hasTimes ? [...rangeLinks(values), OTHER_TIMES] : []
  const quick = fields.flatMap((field) => quickLinks(field, values))
  const links = [...times, ...quick, ...fields.flatMap((field) => otherLinks(field, values))]
  return (
    <div class="chips">
      {links
        .toSorted((a, b) => Number(b.isSet) - Number(a.isSet))
        .map(({ text, changes, isSet, time }) => (
          <a
            class="chip"
            href={changes ? `${filteredBy(address, changes)}#${at}` : '#filter-since'}
            aria-current={isSet ? 'true' : undefined}
            title={isSet ? 'Remove this filter' : undefined}
          >
            <UserText text={text} />
            {time !== undefined && <ExactTime at={time} />}
            {isSet && <span aria-hidden="true"> ✕</span>}
          </a>
        ))}
    </div>
  )
}

const OTHER_TIMES: Link = { text: 'Other times …', isSet: false }

function rangeLinks({ range }: Record<string, string>): Link[] {
  return Object.entries(FILTER_RANGES).map(([name, { label }]) => {
    const isSet = name === range
    return { text: label, changes: { ...NO_TIME, range: isSet ? '' : name }, isSet }
  })
}

function quickLinks(field: FilterField<string>, values: Record<string, string>): Link[] {
  const { name, choices = [], isQuick, none = '', whole } = field
  const all: Choice[] = whole ? [['', none], ...choices] : choices
  return (isQuick ? all.slice(0, MAX_QUICK) : []).map(([value, label]) => {
    const isSet = values[name] === value
    const other = value === '' && whole ? whole : ''
    return { text: label, changes: { [name]: isSet ? other : value }, isSet }
  })
}

/** The filter of a field that is set, and for which there is no other link. */
function otherLinks(field: FilterField<string>, values: Record<string, string>): Link[] {
  const { name, label, type } = field
  const value = values[name] ?? ''
  if (value === '' || quickLinks(field, values).some(({ isSet }) => isSet)) return []
  const time = type === 'datetime-local' ? readTypedTime(value) : undefined
  const shown = field.choices?.find(([one]) => one === value)?.[1] ?? value
  const text = time === undefined ? `${label}: ${shown}` : `${label} `
  return [{ text, changes: { [name]: '' }, isSet: true, time }]
}

function FilterInput({ choices, isQuick, whole, none = 'All', ...field }: FilterField<string> & { value: string }) {
  const named = { ...field, id: `filter-${field.name}` }
  if (!choices) return <Input maxlength={MAX_TYPED} {...named} />
  const isolating = choices.map(([value, label]): Choice => [value, isolated(label)])
  return <Select {...named} choices={[['', none], ...isolating]} />
}

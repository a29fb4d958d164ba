import { type Child, createContext, type JSX, type PropsWithChildren, useContext } from '#jsx'
import { TOKEN_FIELD } from '../../http/act-once'
import { keepFlash } from '../../http/flash'
import { Refused } from './refused'

/** The token of a page whose forms act once, even if they are submitted twice: see kit/http/act-once.ts. */
export const FormToken = createContext<string | null>(null)

/** What the page shows once, as in its address: its tabs and forms keep it. See kit/http/flash.ts. */
export const Kept = createContext<string | undefined>(undefined)

interface FormProps extends Omit<JSX.IntrinsicElements['form'], 'method'> {
  /** Null if only a script sends the form. */
  method?: 'post' | 'get' | null
  /** Whether a form with GET shows what is wrong with its fields. */
  hasErrors?: true
}

/** A form. With GET, it needs no token, and shows no errors of other forms unless it `hasErrors`. */
export function Form({ class: look, method = 'post', hasErrors, children, ...attributes }: FormProps) {
  const acts = method === 'post'
  const kept = useContext(Kept)
  if (acts && attributes.action) attributes.action = keepFlash(attributes.action, kept)
  return (
    <form class={look} method={method ?? undefined} {...attributes}>
      {acts ? <Token /> : kept && <Hidden fields={{ flash: kept }} />}
      {acts || hasErrors ? children : <Refused.Provider value={null}>{children}</Refused.Provider>}
    </form>
  )
}

/** Firefox would restore the token of an earlier page. */
function Token() {
  const token = useContext(FormToken)
  return token === null ? null : <input type="hidden" name={TOKEN_FIELD} value={token} autocomplete="off" />
}

/** What a form sends besides its fields, by name. */
export function Hidden({ fields }: { fields: Record<string, string> | readonly [name: string, value: string][] }) {
  const pairs = Array.isArray(fields) ? fields : Object.entries(fields)
  return pairs.map(([name, value]) => <input type="hidden" name={name} value={value} />)
}

interface SubmitProps extends Omit<JSX.IntrinsicElements['button'], 'children'> {
  label: string
  kind?: 'primary' | 'danger' | 'link' | 'quiet' | undefined
}

/** The button of a form. A page has at most one primary button. */
export function Submit({ label, kind, ...attributes }: SubmitProps) {
  return (
    <button class={kind} type="submit" {...attributes}>
      {label}
    </button>
  )
}

type FoldProps = { class?: string; summary: Child; open?: boolean | undefined }

/** A part of a form with fields that few people need. It is open if an error is left: that may be about one of them. */
export function Fold({ class: look, summary, open = false, children }: PropsWithChildren<FoldProps>) {
  const { left = [] } = useContext(Refused) ?? {}
  return (
    <details class={look} open={open || left.length > 0}>
      <summary>{summary}</summary>
      {children}
    </details>
  )
}

interface ButtonFormProps extends Pick<SubmitProps, 'label' | 'kind'> {
  /** Defaults to the address of the page. */
  action?: string | undefined
  class?: string
  hidden?: Record<string, string>
  /** Says what the button does, unless the children do. */
  help?: Child
}

/** A form with one button and no fields. */
export function ButtonForm({ label, kind, hidden = {}, help, children, ...form }: PropsWithChildren<ButtonFormProps>) {
  const what = help ?? children
  return (
    <Form {...form}>
      {what && <p>{what}</p>}
      <Hidden fields={hidden} />
      <Submit label={label} kind={kind} />
    </Form>
  )
}

import { type Child, createContext, useContext } from '#jsx'
import type FILE from '../../../public/help.json'
import { optionalFile } from '../http/paths/public-file'

/*
 * What pages explain, and what they say after an act, is in public/help.json: a page shows it by its name. Text between
 * backticks is code, `[a text](/path)` is a link, and `{name}` stands for a value. A test checks numbers in the texts.
 */

interface Texts {
  texts: Record<string, string>
  /** What a page of a section says after an act, by the `done` of its address. */
  done: Record<string, Record<string, string>>
}

/** What an act of a section can be called in the address. */
export type DoneIn<Section extends keyof typeof FILE.done> = keyof (typeof FILE.done)[Section]

const NONE: Texts = { texts: {}, done: {} }

/** If the file cannot be read, pages do without it. Labels are in the code, or have a fallback: see `Help`. */
export const readHelp = optionalFile('help.json', NONE)
export const HelpTexts = createContext(NONE)

export type HelpName = keyof typeof FILE.texts

interface HelpProps {
  of: HelpName
  /** What is shown if the file cannot be read, such as the code that a label is for. */
  or?: string
  class?: string
  /** What the text leaves open. Nothing that somebody else wrote: it could contain marks. */
  [value: string]: string | number
}

/** Shows a text within a paragraph. */
export function Help({ of, or = '…', class: look, ...values }: HelpProps) {
  const text = useContext(HelpTexts).texts[of] ?? or
  const shown = marked(text.replace(/(?<!\{)\{(\w+)\}/g, (_, name: string) => String(values[name])))
  return look ? <span class={look}>{shown}</span> : shown
}

/** Shows a text as a paragraph of its own. */
export function HelpParagraph({ class: look, ...text }: HelpProps) {
  return (
    <p class={look}>
      <Help {...text} />
    </p>
  )
}

/** Text between backticks becomes code, and `[text](address)` a link. */
export function marked(text: string): Child {
  return text.split(/(`[^`]+`|\[[^\]]+\]\([^)]+\))/).map((part) => {
    const [, label, href] = /^\[(.+)\]\((.+)\)$/.exec(part) ?? []
    if (href) return <a href={href}>{label}</a>
    return part.startsWith('`') ? <code>{part.slice(1, -1)}</code> : part
  })
}

/* The forms of a page, as a browser submits them. */

export interface Form {
  /** The page that contains the form. */
  page: string
  action: string
  fields: [string, string][]
}

const decode = (text: string) =>
  text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')

function attribute(tag: string, name: string): string | undefined {
  const found = new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1]
  return found === undefined ? undefined : decode(found)
}

/** @returns the forms of a page that act, with what is in them. A button that sends its form elsewhere makes one more */
export function formsIn(html: string, page: string): Form[] {
  const forms = [...html.matchAll(/(<form\b[^>]*\bmethod="post"[^>]*>)(.*?)<\/form>/gs)]
  return forms.flatMap(([, tag = '', inner = '']) => {
    const id = attribute(tag, 'id')
    const outer = id === undefined ? '' : [...html.matchAll(new RegExp(`<[^>]* form="${id}"[^>]*>`, 'g'))].join('')
    const action = attribute(tag, 'action') ?? page
    const others = [...inner.matchAll(/<button\b[^>]*\sformaction="[^>]*>/g)].map(([button]) => ({
      page,
      action: attribute(button, 'formaction') ?? action,
      fields: fieldsIn(inner.replace(/<button\b[^>]*>/g, '') + button),
    }))
    return [{ page, action, fields: fieldsIn(inner + outer) }, ...others]
  })
}

function fieldsIn(html: string): [string, string][] {
  const inputs = [...html.matchAll(/<input\b[^>]*>/g)].map(([tag]) => tag)
  const isSent = (tag: string) => !/type="(checkbox|radio)"/.test(tag) || /\schecked/.test(tag)
  const texts = [...html.matchAll(/(<textarea\b[^>]*>)(.*?)<\/textarea>/gs)]
  const selects = [...html.matchAll(/(<select\b[^>]*>)(.*?)<\/select>/gs)]
  // The one that Enter presses.
  const button = /<button\b[^>]*>/.exec(html)?.[0]
  const all: [string | undefined, string][] = [
    ...inputs.filter(isSent).map((tag): [string | undefined, string] => [attribute(tag, 'name'), given(tag)]),
    ...texts.map(([, tag = '', text = '']): [string | undefined, string] => [
      attribute(tag, 'name'),
      decode(text.replace(/^\n/, '')),
    ]),
    ...selects.map(([, tag = '', options = '']): [string | undefined, string] => [
      attribute(tag, 'name'),
      chosen(options),
    ]),
    ...(button ? [[attribute(button, 'name'), given(button)] as [string | undefined, string]] : []),
  ]
  return all.flatMap(([name, value]): [string, string][] => (name === undefined ? [] : [[name, value]]))
}

const given = (tag: string) => attribute(tag, 'value') ?? (/type="checkbox"/.test(tag) ? 'on' : '')

function chosen(options: string): string {
  const all = [...options.matchAll(/(<option\b[^>]*>)([^<]*)/g)]
  const [, tag = '', text = ''] = all.find(([, tag = '']) => /\sselected/.test(tag)) ?? all[0] ?? []
  return attribute(tag, 'value') ?? decode(text)
}

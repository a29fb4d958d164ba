import { describe, expect, it } from 'vitest'
import { createContext, type PropsWithChildren, raw, useContext } from '#jsx'

const HOSTILE = `<b> & "it's"`
const ESCAPED = '&lt;b&gt; &amp; &quot;it&#39;s&quot;'

describe('JSX', () => {
  it('escapes texts and attributes, but not raw HTML', () => {
    expect(`${<p title={HOSTILE}>{HOSTILE}</p>}`).toBe(`<p title="${ESCAPED}">${ESCAPED}</p>`)
    expect(`${<p>{raw('<br/>')}</p>}`).toBe('<p><br/></p>')
  })

  it('shows numbers and lists, and nothing for null, undefined and booleans', () => {
    const list = [1, ['two', [<i>3</i>]], null, undefined, true, false, 0, '']
    expect(`${<p>{list}</p>}`).toBe('<p>1two<i>3</i>0</p>')
  })

  it('writes an attribute without a value if it is only present or absent, and leaves out what is not given', () => {
    const input = <input type="checkbox" checked required={false} value={undefined} tabindex={-1} aria-invalid={true} />
    expect(`${input}`).toBe('<input type="checkbox" checked="" tabindex="-1" aria-invalid="true"/>')
  })

  it('gives only elements without content no end tag', () => {
    expect(`${<p />}${<br />}`).toBe('<p></p><br/>')
  })

  it('gives a component the value of the innermost provider around it, even after one has failed', () => {
    const Level = createContext(0)
    const Show = () => <b>{useContext(Level)}</b>
    const Fail = (): never => {
      throw new Error('failed')
    }
    const In = ({ level, children }: PropsWithChildren<{ level: number }>) => (
      <Level.Provider value={level}>{children}</Level.Provider>
    )
    const nested = (
      <>
        <In level={1}>
          <Show />
          <In level={2}>
            <Show />
          </In>
          <Show />
        </In>
        <Show />
      </>
    )
    expect(`${nested}`).toBe('<b>1</b><b>2</b><b>1</b><b>0</b>')
    const failing = (
      <In level={3}>
        <Fail />
      </In>
    )
    expect(() => `${failing}`).toThrow('failed')
    expect(`${<Show />}`).toBe('<b>0</b>')
  })
})

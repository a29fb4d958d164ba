import { type Book, formatOf } from '../../books/book'
import { type Block, formatEntry, type Inline } from '../../core/looks/formatting'

/** The text of an entry: links, smileys, and a little markup if the owner allows it. JSX escapes all text. */
export function Words({ text, book }: { text: string; book: Pick<Book, 'markup' | 'smileys' | 'own_smileys'> }) {
  const blocks = formatEntry(text, formatOf(book))
  return (
    <div class="words e-content" dir="auto" itemprop="text">
      {blocks.map((block) => (
        <BlockOf block={block} />
      ))}
    </div>
  )
}

function BlockOf({ block: { type, inline } }: { block: Block }) {
  const content = inline.map((part) => <Part part={part} />)
  return type === 'quote' ? <blockquote dir="auto">{content}</blockquote> : <p dir="auto">{content}</p>
}

function Part({ part }: { part: Inline }) {
  switch (part.type) {
    case 'text':
      return <>{part.text}</>
    case 'break':
      return <br />
    case 'code':
      return <code dir="auto">{part.text}</code>
    case 'smiley':
      return <span title={part.text}>{part.emoji}</span>
    case 'link':
      return (
        <a href={part.url} rel="nofollow ugc noopener" dir="auto">
          {part.text}
        </a>
      )
    case 'em':
      return (
        <em>
          {part.inline.map((one) => (
            <Part part={one} />
          ))}
        </em>
      )
    case 'strong':
      return (
        <strong>
          {part.inline.map((one) => (
            <Part part={one} />
          ))}
        </strong>
      )
  }
}

import type { PropsWithChildren } from '#jsx'
import { CopyButton, Dashboard } from '../../kit/html/dashboard'
import { Card } from '../../kit/html/parts/card'
import { UserBlock } from '../../kit/html/user-text'
import { DASHBOARD } from '../../kit/lib/paths'
import { type BookRow, bookPath } from '../books/book'
import { settingsPath } from '../books/form'

/** Both snippets, what a content security policy must allow for them, and a live preview. */
/** The look of <guest-book>, for the owner's own style sheet. */
const COLORS = `guest-book {
  --guest-book-accent: #b3005e;
  --guest-book-background: #fffdf7;
  --guest-book-color: #23212e;
  --guest-book-border: #d5cdbb;
  --guest-book-radius: 10px;
  --guest-book-font: Georgia, serif;
}`

export function EmbedPage({ row, origin }: { row: Pick<BookRow, 'slug' | 'title'>; origin: string }) {
  const { slug, title } = row
  const crumbs = [{ href: settingsPath(slug), label: title }]
  return (
    <Dashboard title="Put it on your site" section={DASHBOARD.books} crumbs={crumbs}>
      <Card title="With a script">
        <p>
          Paste this where the book should appear. The book takes its font, language, and light or dark mode from your
          page, and its colors from the book's theme. Without JavaScript, guests see only the link.
        </p>
        <Snippet text={scriptSnippet(slug, origin)} label="Copy the script snippet" />
        <Policy>{`script-src ${origin}; connect-src ${origin}; img-src ${origin}`}</Policy>
        <h3>Colors</h3>
        <p>Add this to your CSS. Every property is optional:</p>
        <Snippet text={COLORS} label="Copy the CSS" />
      </Card>
      <Card title="Without scripts">
        <p>
          This shows the book in its theme. The second line makes the frame fit its content. Omit that line if your site
          does not allow JavaScript.
        </p>
        <Snippet text={frameSnippet(slug, origin)} label="Copy the frame snippet" />
        <Policy>{`frame-src ${origin}; script-src ${origin}`}</Policy>
      </Card>
      <Preview slug={slug} />
    </Dashboard>
  )
}

/** Without scripts, guests see the link inside the element. */
function scriptSnippet(slug: string, origin: string): string {
  return `<script src="${origin}/embed.js" async></script>
<guest-book book="${slug}"><a href="${origin}${bookPath(slug)}">Sign my guestbook</a></guest-book>`
}

/** `frameborder` is old, but a style attribute would not work under a strict content security policy. */
function frameSnippet(slug: string, origin: string): string {
  return `<iframe src="${origin}/embed/${slug}" title="Guestbook" width="100%" height="700" frameborder="0"></iframe>
<script src="${origin}/embed.js" async></script>`
}

function Snippet({ text, label }: { text: string; label: string }) {
  return (
    <>
      <UserBlock text={text} />
      <p>
        <CopyButton text={text} label={label} />
      </p>
    </>
  )
}

function Policy({ children }: PropsWithChildren) {
  return (
    <p class="hint">
      If your site sends a <code>Content-Security-Policy</code>, add to it: <code dir="auto">{children}</code>
    </p>
  )
}

/** Loads both as another site does. */
function Preview({ slug }: { slug: string }) {
  return (
    <Card title="Preview">
      <p>These previews are live: if you sign here, the entry is real.</p>
      <script src="/embed.js" async />
      <h3>With a script</h3>
      <guest-book book={slug} limit={3}>
        The preview needs scripts.
      </guest-book>
      <h3>Without scripts</h3>
      <iframe src={`/embed/${slug}`} title="Preview of the frame" width="100%" height="700" frameborder="0" />
    </Card>
  )
}

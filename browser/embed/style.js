/** @returns a stylesheet, which no content security policy forbids */
export function sheet(css) {
  const made = new CSSStyleSheet()
  made.replaceSync(css)
  return made
}

/** The colors come from the book: src/guestbook/embed/colors.ts. Here, !important wins over the !important of the page. */
export const STYLE = sheet(`
:host { display: block !important; opacity: 1 !important }
:host([hidden]) { display: none !important }
.book {
  all: initial; display: block; color-scheme: inherit; padding: 1em 1.25em; overflow-wrap: anywhere;
  --accent: var(--guest-book-accent, var(--link));
  --back: var(--guest-book-background, var(--paper));
  --rule: 1px solid var(--guest-book-border, var(--line));
  --radius: var(--guest-book-radius, 8px);
  border: var(--rule); border-radius: var(--radius); background: var(--back);
  color: var(--guest-book-color, var(--ink));
  font-family: var(--guest-book-font, inherit); line-height: 1.5;
}
* { box-sizing: border-box; margin: 0 }
[hidden], .field p:empty, .list:not(:empty) + p { display: none !important }
h2, h3, .field, label, .words > *, dl, .drawing, details { margin-bottom: .5em }
h3 { margin-top: 1em }
a, p[role] { color: var(--accent) }
.row { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(13em, 100%), 1fr)); column-gap: 1em }
label { display: block }
summary { color: var(--accent); cursor: pointer }
details { padding-inline-start: 1em }
form > details { padding: 0 }
fieldset { min-width: 0; padding: 0; border: 0 }
fieldset label { display: inline-flex; align-items: center; gap: .3em; margin-inline-end: .75em }
label img { width: 40px; height: 40px }
[data-pad] svg { width: 100%; outline: var(--rule); touch-action: none; cursor: crosshair }
.field label, legend { padding: 0; font-weight: 600; margin: 0 }
.field > :is(input, textarea) {
  display: block; width: 100%; padding: .4em .6em; border: 1px solid;
  border-radius: var(--radius); background: none; font: inherit; color: inherit;
}
[aria-invalid] ~ p, p.bad { color: var(--bad) }
button, .open {
  display: inline-block; padding: .5em 1.3em; border: 2px solid var(--accent); border-radius: var(--radius);
  font: inherit; font-weight: 600; background: var(--accent); color: var(--back); cursor: pointer;
  text-decoration: none;
}
button[type] { background: none; color: var(--accent) }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
p[role]:not(:empty), .sign { margin: 1em 0 }
p[role] { font-weight: 600 }
article { padding: .75em 0; border-top: var(--rule) }
.face { float: inline-start; width: 48px; height: 48px; margin-inline-end: .75em; margin-bottom: .25em }
h4 { min-height: 2em }
.words { clear: both }
.words > * { unicode-bidi: plaintext; text-align: start }
.number { float: inline-end }
.drawing {
  display: block; max-width: 400px; fill: none; stroke: currentColor; stroke-width: 3; stroke-linecap: round;
  stroke-linejoin: round; background: #fff; color: #222; border-radius: var(--radius);
}
pre { overflow: auto }
.field p, dt, small { font-size: .9em }
blockquote, .reply { padding-inline-start: 1em; border-inline-start: 3px solid var(--accent) }
.reply { margin: .5em 0 }
`)

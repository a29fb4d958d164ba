// Made from browser/embed/index.js by `npm run browser`. Do not edit it.
"use strict";(()=>{var g={width:400,height:200};var S="http://www.w3.org/2000/svg";function e(o,t,...r){let a=/^(svg|path)$/.test(o)?document.createElementNS(S,o):document.createElement(o);for(let[n,i]of Object.entries(t))i&&a.setAttribute(n,i===!0?"":i);return a.append(...r.filter(Boolean)),a}function m(o,t){return/^https?:/i.test(o)?e("a",{href:o,rel:"nofollow ugc noopener",dir:"auto"},t):t}var $={paragraph:"p",quote:"blockquote",pre:"pre",break:"br",smiley:"span",code:"code",em:"em",strong:"strong"};function v({type:o,text:t,url:r,emoji:a,inline:n}){if(o==="link")return m(r,t);let i=$[o];if(!i)return t;let s={title:a&&t,dir:i==="pre"?"ltr":/^[pbc]/.test(i)&&"auto",tabindex:i==="pre"&&"0"};return e(i,s,...n?.map(v)??[a??t])}function k(o){return e("div",{class:"words",dir:"auto"},...o.map(v))}function E({face:o,identicon:t}){if(!t)return null;let r={class:"face",viewBox:"0 0 48 48","aria-hidden":"true"},a=e("path",{fill:t.color,d:"M0 0h48v48H0z"}),n=e("svg",r,a,e("path",{fill:"#fff",d:t.squares}));if(!o)return n;let i=e("img",{class:"face",src:o,loading:"lazy"});return i.alt="",i.onerror=()=>i.replaceWith(n),i}function _({question:o,answer:t}){return e("dl",{dir:"auto"},e("dt",{},o),e("dd",{dir:"auto"},t))}function x(o,{language:t,texts:r}){let{id:a,number:n,name:i,website:s,details:l,mention:d,url:u,created_at:h}=o,p=new Intl.DateTimeFormat(t,{dateStyle:"medium",timeStyle:"short"});return e("article",{id:a,tabindex:"-1"},E(o),n&&e("small",{class:"number"},n),e("h4",{dir:"auto"},s?m(s,i):i),k(o.words),o.is_cut&&e("p",{},e("a",{href:u},r.read_on)),o.drawing&&T(o.drawing,r.a_drawing),...o.answers.map(_),l[0]&&e("p",{},l.join(" \xB7 ")),d&&e("p",{},m(d.url,d.text)),o.reply&&e("div",{class:"reply"},e("b",{},r.reply_heading),k(o.reply)),e("small",{},e("a",{href:u},e("time",{datetime:h},p.format(new Date(h)))),o.edited&&` \xB7 ${o.edited}`))}function T(o,t){let r={class:"drawing",role:"img","aria-label":t,viewBox:`0 0 ${g.width} ${g.height}`};return e("svg",r,e("path",{d:o}))}function f(o){let t=new CSSStyleSheet;return t.replaceSync(o),t}var b=f(`
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
`);var D=document.currentScript??document.querySelector('script[src$="/embed.js"]'),c=new URL(D.src).origin,y=(o,t)=>fetch(c+o,{credentials:"omit",signal:AbortSignal.timeout(3e4),...t}),w=class extends HTMLElement{polls=0;connectedCallback(){this.timer=setInterval(()=>this.poll().catch(()=>{}),6e4),!this.shadowRoot&&(this.slug=this.getAttribute("book")||"main",this.root=this.attachShadow({mode:"open"}),this.root.adoptedStyleSheets=[b],this.root.append(e("slot",{},e("a",{href:`${c}/b/${this.slug}`},"Guestbook"))),this.load().catch(console.warn))}disconnectedCallback(){clearInterval(this.timer)}async load(){let[t,r]=await Promise.all([this.get(""),this.read()]);this.book=t,this.show(),this.add(r)}async get(t,r){let a=this.closest("[lang]")?.lang||navigator.language,n=new URLSearchParams({language:a,...r}),i=await y(`/api/books/${this.slug}/embed${t}?${n}`,{cache:"no-cache"});if(!i.ok)throw new Error(`${this.slug}: ${i.status}`);return i.json()}read(t){return this.get("/entries",{limit:this.getAttribute("limit")??20,...t})}show(){let{title:t,welcome:r,language:a,direction:n,url:i,texts:s,colors:l}=this.book,d=Object.entries(l).map(([h,p])=>`--${h}:${p};`);this.root.adoptedStyleSheets=[b,f(`.book{${d.join("")}}`)],this.list=e("div",{class:"list"}),this.status=e("p",{role:"status",tabindex:"-1"}),this.older=e("button",{type:"button",hidden:!0},s.to_older),this.older.onclick=()=>this.showOlder().catch(()=>this.say(s.not_sent,"bad"));let u=e("section",{class:"book",lang:a,dir:n,"aria-label":t},e("h2",{dir:"auto",part:"title"},e("a",{href:i},t)),e("p",{dir:"auto",part:"welcome"},r),this.sign(),this.status,e("h3",{},s.entries),this.list,e("p",{},s.no_entries),this.older);this.root.replaceChildren(u)}sign(){let{is_open:t,url:r,texts:a}=this.book,n=e("a",{class:"open",href:`${r}#sign`},a.sign_heading),i=e("div",{class:"sign"},t?n:a.closed);return n.onclick=s=>{s.preventDefault(),import(`${c}/embed-form.js`).then(({GuestForm:l})=>n.isConnected&&new l(this,i,e,y,c),()=>location.assign(n.href))},i}say(t,r=""){this.status.className=r,this.status.textContent=t}add({data:t,next:r=this.next}){let a=t.filter(({id:n})=>!this.root.getElementById(n)).map(n=>x(n,this.book));for(let n of a)this.list.insertBefore(n,[...this.list.children].find(({id:i})=>i<n.id)??null);return this.next=r,this.older.hidden=!r,a}async showOlder(){let[t]=this.add(await this.read({cursor:this.next}));t?.focus()}async poll(){if(document.hidden||!this.book||++this.polls>60)return;let{data:t}=await this.read(),[r]=this.add({data:t});r&&!r.previousSibling&&this.say(this.book.texts.news)}};customElements.get("guest-book")||customElements.define("guest-book",w);var A=1200;addEventListener("message",({origin:o,source:t,data:r})=>{if(!(o!==c||r?.type!=="guesthook:height"||!(r.height>0)))for(let a of document.querySelectorAll("iframe")){let n=Number(a.dataset.maxHeight)||A;a.contentWindow===t&&(a.height=Math.max(Math.min(Math.ceil(r.height),n),100))}});})();

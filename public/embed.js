// Made from browser/embed/index.js by `npm run browser`. Do not edit it.
"use strict";(()=>{var y="http://www.w3.org/2000/svg";function e(o,t,...i){let n=/^(svg|path)$/.test(o)?document.createElementNS(y,o):document.createElement(o);for(let[a,r]of Object.entries(t))r&&n.setAttribute(a,r===!0?"":r);return n.append(...i.filter(Boolean)),n}function m(o,t){return/^https?:/i.test(o)?e("a",{href:o,rel:"nofollow ugc noopener",dir:"auto"},t):t}var S={paragraph:"p",quote:"blockquote",pre:"pre",break:"br",smiley:"span",code:"code",em:"em",strong:"strong"};function k({type:o,text:t,url:i,emoji:n,inline:a}){if(o==="link")return m(i,t);let r=S[o];if(!r)return t;let s={title:n&&t,dir:r==="pre"?"ltr":/^[pbc]/.test(r)&&"auto",tabindex:r==="pre"&&"0"};return e(r,s,...a?.map(k)??[n??t])}function w(o){return e("div",{class:"words",dir:"auto"},...o.map(k))}function $({face:o,identicon:t}){if(!t)return null;let i={class:"face",viewBox:"0 0 48 48","aria-hidden":"true"},n=e("path",{fill:t.color,d:"M0 0h48v48H0z"}),a=e("svg",i,n,e("path",{fill:"#fff",d:t.squares}));if(!o)return a;let r=e("img",{class:"face",src:o,loading:"lazy"});return r.alt="",r.onerror=()=>r.replaceWith(a),r}function _({question:o,answer:t}){return e("dl",{dir:"auto"},e("dt",{},o),e("dd",{dir:"auto"},t))}function v(o,{language:t,texts:i}){let{id:n,number:a,name:r,website:s,details:l,mention:d,url:h,created_at:u}=o,p=new Intl.DateTimeFormat(t,{dateStyle:"medium",timeStyle:"short"});return e("article",{id:n,tabindex:"-1"},$(o),a&&e("small",{class:"number"},a),e("h4",{dir:"auto"},s?m(s,r):r),w(o.words),o.is_cut&&e("p",{},e("a",{href:h},i.read_on)),o.drawing&&E(o.drawing,i.a_drawing),...o.answers.map(_),l[0]&&e("p",{},l.join(" \xB7 ")),d&&e("p",{},m(d.url,d.text)),o.reply&&e("div",{class:"reply"},e("b",{},i.reply_heading),w(o.reply)),e("small",{},e("a",{href:h},e("time",{datetime:u},p.format(new Date(u)))),o.edited&&` \xB7 ${o.edited}`))}function E(o,t){return e("svg",{class:"drawing",role:"img","aria-label":t,viewBox:"0 0 400 200"},e("path",{d:o}))}function g(o){let t=new CSSStyleSheet;return t.replaceSync(o),t}var b=g(`
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
h2, h3, .field, label, .words > *, dl, .drawing { margin-bottom: .5em }
h3 { margin-top: 1em }
a, p[role] { color: var(--accent) }
.row { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(13em, 100%), 1fr)); column-gap: 1em }
label { display: block }
.field label { font-weight: 600; margin: 0 }
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
`);var j=document.currentScript??document.querySelector('script[src$="/embed.js"]'),c=new URL(j.src).origin,x=(o,t)=>fetch(c+o,{credentials:"omit",signal:AbortSignal.timeout(3e4),...t}),f=class extends HTMLElement{polls=0;connectedCallback(){this.timer=setInterval(()=>this.poll().catch(()=>{}),6e4),!this.shadowRoot&&(this.slug=this.getAttribute("book")||"main",this.root=this.attachShadow({mode:"open"}),this.root.adoptedStyleSheets=[b],this.root.append(e("slot",{},e("a",{href:`${c}/b/${this.slug}`},"Guestbook"))),this.load().catch(console.warn))}disconnectedCallback(){clearInterval(this.timer)}async load(){let[t,i]=await Promise.all([this.get(""),this.read()]);this.book=t,this.show(),this.add(i)}async get(t,i){let n=this.closest("[lang]")?.lang||navigator.language,a=new URLSearchParams({language:n,...i}),r=await x(`/api/books/${this.slug}/embed${t}?${a}`,{cache:"no-cache"});if(!r.ok)throw new Error(`${this.slug}: ${r.status}`);return r.json()}read(t){return this.get("/entries",{limit:this.getAttribute("limit")??20,...t})}show(){let{title:t,welcome:i,language:n,direction:a,url:r,texts:s,colors:l}=this.book,d=Object.entries(l).map(([u,p])=>`--${u}:${p};`);this.root.adoptedStyleSheets=[b,g(`.book{${d.join("")}}`)],this.list=e("div",{class:"list"}),this.status=e("p",{role:"status",tabindex:"-1"}),this.older=e("button",{type:"button",hidden:!0},s.to_older),this.older.onclick=()=>this.showOlder().catch(()=>this.say(s.not_sent,"bad"));let h=e("section",{class:"book",lang:n,dir:a,"aria-label":t},e("h2",{dir:"auto",part:"title"},e("a",{href:r},t)),e("p",{dir:"auto",part:"welcome"},i),this.sign(),this.status,e("h3",{},s.entries),this.list,e("p",{},s.no_entries),this.older);this.root.replaceChildren(h)}sign(){let{is_open:t,url:i,texts:n}=this.book,a=e("a",{class:"open",href:`${i}#sign`},n.sign_heading),r=e("div",{class:"sign"},t?a:n.closed);return a.onclick=s=>{s.preventDefault(),import(`${c}/embed-form.js`).then(({GuestForm:l})=>a.isConnected&&new l(this,r,e,x,c),()=>location.assign(a.href))},r}say(t,i=""){this.status.className=i,this.status.textContent=t}add({data:t,next:i=this.next}){let n=t.filter(({id:a})=>!this.root.getElementById(a)).map(a=>v(a,this.book));for(let a of n)this.list.insertBefore(a,[...this.list.children].find(({id:r})=>r<a.id)??null);return this.next=i,this.older.hidden=!i,n}async showOlder(){let[t]=this.add(await this.read({cursor:this.next}));t?.focus()}async poll(){if(document.hidden||!this.book||++this.polls>60)return;let{data:t}=await this.read(),[i]=this.add({data:t});i&&!i.previousSibling&&this.say(this.book.texts.news)}};customElements.get("guest-book")||customElements.define("guest-book",f);var A=1200;addEventListener("message",({origin:o,source:t,data:i})=>{if(!(o!==c||i?.type!=="guesthook:height"||!(i.height>0)))for(let n of document.querySelectorAll("iframe")){let a=Number(n.dataset.maxHeight)||A;n.contentWindow===t&&(n.height=Math.max(Math.min(Math.ceil(i.height),a),100))}});})();

// Tells the page around this frame how high the book is, so that embed.js can make the frame fit. Any page may know it.

function tellHeight() {
  parent.postMessage({ type: 'guesthook:height', height: document.documentElement.offsetHeight }, '*')
}

new ResizeObserver(tellHeight).observe(document.documentElement)
// The page around this frame may get embed.js only later.
for (const wait of [500, 3_000]) setTimeout(tellHeight, wait)

// Tells the page around this frame how high the book is, so that embed.js can make the frame fit. Any page may know it.

function tellHeight() {
  parent.postMessage({ type: 'guesthook:height', height: document.documentElement.offsetHeight }, '*')
}

new ResizeObserver(tellHeight).observe(document.documentElement)
